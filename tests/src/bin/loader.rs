//! A host without telemetry that loads a plugin which has some. Arguments: the plugin, what to do, the server's port.

#[cfg(target_os = "linux")]
#[path = "../native.rs"]
#[allow(dead_code)]
mod native;

#[cfg(target_os = "linux")]
fn main() {
    use std::{path::PathBuf, thread, time::Duration};

    use native::Plugin;

    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [path, action, port] = arguments.as_slice() else { panic!("loader PLUGIN ACTION PORT") };
    let (path, port) = (PathBuf::from(path), port.parse().expect("a port is a number"));
    let say = |when: &str| println!("{when}: {}", if is_mapped(&path) { "mapped" } else { "unmapped" });
    say("before");
    let plugin = Plugin::open(&path);
    say("open");
    match action.as_str() {
        // Loads, calls and unloads; nothing is recorded.
        "touch" => {
            assert_eq!(plugin.call("plugin_touch", 0), 5);
            plugin.close();
            say("closed");
        }
        // Records, unloads while the threads of the plugin run, goes on, and comes back.
        "record" => {
            plugin.call("plugin_use_port", port);
            for number in 1..=3 {
                plugin.call("plugin_record", number);
            }
            plugin.close();
            say("closed");
            // The worker naps, then sleeps, and wakes: in code that `dlclose` would have taken away.
            thread::sleep(Duration::from_millis(1500));
            let plugin = Plugin::open(&path);
            for number in 4..=5 {
                plugin.call("plugin_record", number);
            }
            println!("sent {} of {}", plugin.call("plugin_flush", 20), plugin.call("plugin_offered", 0));
            plugin.close();
            say("closed again");
        }
        // Used by a thread that is gone, and ended: nothing but its mark keeps the library, as threads would that have
        // destructors to run.
        "shutdown" => {
            let user = thread::spawn(move || {
                plugin.call("plugin_use_port", port);
                plugin.call("plugin_record", 1);
                assert_eq!(plugin.call("plugin_shutdown", 20), 0);
                plugin
            });
            let plugin = user.join().expect("the plugin works");
            // They have said that they end; the kernel takes a moment more.
            while std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count) > 1 {
                thread::sleep(Duration::from_millis(1));
            }
            plugin.close();
            say("closed, without threads");
        }
        other => panic!("no such action: {other}"),
    }
}

/// Whether any part of this file is in our memory.
#[cfg(target_os = "linux")]
fn is_mapped(path: &std::path::Path) -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc lists what is mapped");
    let path = path.canonicalize().expect("the plugin is there").display().to_string();
    maps.lines().any(|line| line.ends_with(&path))
}

#[cfg(not(target_os = "linux"))]
fn main() {}
