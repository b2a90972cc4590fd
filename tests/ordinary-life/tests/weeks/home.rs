//! Homes that cannot be written, again and again: nothing is shown, nothing is kept, nothing is harmed.

use std::fs;

use super::*;

#[test]
fn o14_a_home_that_cannot_be_written_is_left_in_peace() {
    let life = Life::new("life-cli");
    let place = life.sandbox.home();
    fs::write(place.join("file"), "").expect("the home can be written");
    let homes = [
        place.join("file"),          // a file in place of a folder
        place.join("file/below"),    // below a file
        PathBuf::from("/proc/self"), // a file system that takes nothing
        place.join("missing"),       // no folder
    ];
    for day in 0..days() {
        for home in &homes {
            let mut command = life.command(BEGIN + day * DAY, &["run", "1"]);
            let (output, shown) = watched(command.env("HOME", home).env("XDG_STATE_HOME", home));
            assert!(output.status.success(), "{home:?}");
            assert_eq!((output.stdout.as_slice(), shown.as_str()), (b"done\n".as_slice(), ""), "{home:?}, day {day}");
        }
    }
    assert_eq!(life.server().connections(), 0);
    assert!(life.sandbox.files().is_empty());
}
