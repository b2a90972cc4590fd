use super::*;
use crate::write::test_kit::Home;

const HERE: &str = "https://t.example";
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// 2026-11-22.
const START: u64 = 20_779 * DAY;

/// What the dice say.
const LEAST: fn() -> u32 = || 0;
const MEAN: fn() -> u32 = || u32::MAX / 2;
const MOST: fn() -> u32 = || u32::MAX;

/// A machine with one state folder, whose clocks the test sets.
struct Machine {
    home: Home,
    unix: u64,
    at: Instant,
    random: fn() -> u32,
}

impl Machine {
    fn new() -> Self {
        Self { home: Home::new(), unix: START, at: Instant::now(), random: MEAN }
    }

    fn now(&self) -> Now {
        Now { unix: self.unix, at: self.at, random: self.random }
    }

    fn pass(&mut self, seconds: u64) {
        self.unix += seconds;
        self.at += Duration::from_secs(seconds);
    }

    fn process(&self) -> Breaker {
        Breaker::new(HERE, self.at)
    }

    fn file(&self) -> BreakerFile {
        breaker_file::load(&self.home.sdk(), HERE)
    }

    fn wait(&self, process: &Breaker, why: Why) -> Option<u64> {
        process.wait(&self.home.sdk(), why, self.now()).map(|wait| wait.as_secs())
    }

    /// Whether an upload may begin; if so, it has.
    fn begin(&self, process: &mut Breaker, why: Why) -> bool {
        process.begin(&self.home.sdk(), why, self.now()).is_none()
    }

    fn fail(&self, process: &mut Breaker, failure: Failure) -> u64 {
        assert!(self.begin(process, Why::Asked), "it was not the time");
        process.failed(&self.home.sdk(), failure, self.now()).as_secs()
    }
}

#[test]
fn r03_pauses_double_from_a_minute_to_a_day_and_a_success_ends_them() {
    let mut machine = Machine::new();
    let mut process = machine.process();
    let mut pauses = Vec::new();
    for _ in 0..14 {
        let pause = machine.fail(&mut process, Failure::Network);
        pauses.push((pause + 1) / MINUTE);
        machine.pass(pause + 2);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]);
    process.succeeded(&machine.home.sdk());
    assert_eq!(machine.wait(&process, Why::Asked), None);
    assert_eq!((machine.fail(&mut process, Failure::Server) + 1) / MINUTE, 1);
}

#[test]
fn r03_whoever_is_blocked_backs_off_soonest_and_up_to_six_hours() {
    let mut machine = Machine::new();
    let mut process = machine.process();
    let mut pauses = Vec::new();
    for _ in 0..4 {
        let pause = machine.fail(&mut process, Failure::Blocked);
        pauses.push((pause + 1) / MINUTE);
        machine.pass(pause + 2);
    }
    assert_eq!(pauses, [8, 128, 360, 360]);
    assert_eq!(machine.file().reason, Some(Reason::Blocked));
}

/// Turned off from 20:00 to 08:00, for a week, with the longest pauses that chance can bring: every day of it has an answer.
#[test]
fn o08_a_server_that_is_turned_off_at_night_is_asked_every_day() {
    const HOUR: u64 = 60 * MINUTE;
    for random in [LEAST, MEAN, MOST] {
        let mut machine = Machine { random, ..Machine::new() };
        let mut process = machine.process();
        let (mut days, mut refused, begun) = (std::collections::BTreeSet::new(), 0, machine.unix);
        while machine.unix < begun + 7 * 24 * HOUR {
            if machine.wait(&process, Why::Asked).is_none() {
                if (8..20).contains(&(machine.unix / HOUR % 24)) {
                    assert!(machine.begin(&mut process, Why::Asked));
                    days.insert(machine.unix / (24 * HOUR));
                    process.succeeded(&machine.home.sdk());
                } else {
                    machine.fail(&mut process, Failure::Blocked);
                    refused += 1;
                }
            }
            machine.pass(10 * MINUTE);
        }
        assert!(days.len() >= 7 && refused <= 7 * 6, "{days:?} {refused}");
    }
}

#[test]
fn r12_every_pause_is_spread_to_both_sides() {
    for (random, pause, token) in [(LEAST, 45, 450), (MEAN, 59, 599), (MOST, 75, 750)] {
        let machine = Machine { random, ..Machine::new() };
        assert_eq!(machine.fail(&mut machine.process(), Failure::Network), pause);
        let machine = Machine { random, ..Machine::new() };
        let mut process = machine.process();
        machine.begin(&mut process, Why::Waiting);
        assert_eq!(machine.file().upload_after - machine.unix, token, "the token too");
    }
}

#[test]
fn r03_no_process_tries_before_the_time_on_disk_however_it_is_asked() {
    let mut machine = Machine::new();
    machine.fail(&mut machine.process(), Failure::Network);
    for why in [Why::Waiting, Why::Asked] {
        let mut other = machine.process();
        assert!(machine.wait(&other, why).is_some());
        assert!(!machine.begin(&mut other, why));
    }
    machine.pass(61);
    // Several wait for that moment; one of them tries, and the others wait for what comes of it.
    let mut others = [machine.process(), machine.process(), machine.process()];
    let began = others.iter_mut().filter_map(|other| machine.begin(other, Why::Asked).then_some(())).count();
    assert_eq!(began, 1);
    assert_eq!(machine.file().failures, 1, "an attempt is no failure");
}

#[test]
fn r03_a_server_that_asks_for_a_pause_gets_it_and_cannot_make_us_rush() {
    let mut machine = Machine::new();
    let mut process = machine.process();
    let asked = |seconds| Failure::Asked(Duration::from_secs(seconds));
    assert_eq!(machine.fail(&mut process, asked(3_600)), 4_049, "later by up to a quarter, never earlier");
    machine.pass(4_051);
    machine.fail(&mut process, asked(0));
    machine.pass(3);
    machine.fail(&mut process, asked(0));
    machine.pass(3);
    assert_eq!((machine.fail(&mut process, asked(0)) + 1) / MINUTE, 8, "the fourth in a row keeps our own pace");
}

#[test]
fn c13_a_clock_that_is_set_neither_silences_for_ever_nor_lengthens_a_pause() {
    let mut machine = Machine::new();
    let mut process = machine.process();
    machine.fail(&mut process, Failure::Network);
    // Back by a year: what the file says is too far ahead to be ours.
    machine.unix -= 365 * DAY;
    assert_eq!(machine.wait(&machine.process(), Why::Asked), None);
    assert_eq!(machine.wait(&process, Why::Asked), Some(59), "this process knows its own pause by its own clock");
    machine.at += Duration::from_secs(60);
    assert_eq!(machine.wait(&process, Why::Asked), None);
    // Back by hours: others wait no longer than a pause can be.
    machine.unix = START - 20 * HOUR;
    assert!(machine.wait(&machine.process(), Why::Asked).unwrap() <= PAUSE_BELIEVED.as_secs());
    // Ahead by ten years, before 1970, at the end of time.
    for unix in [START + 3650 * DAY, 0, u64::MAX] {
        machine.unix = unix;
        assert_eq!(machine.wait(&machine.process(), Why::Asked), None, "{unix}");
        let mut other = machine.process();
        assert!(machine.begin(&mut other, Why::Asked));
        other.failed(&machine.home.sdk(), Failure::Network, machine.now());
    }
    // The token too.
    let mut machine = Machine::new();
    machine.begin(&mut machine.process(), Why::Waiting);
    machine.unix -= HOUR;
    assert_eq!(machine.wait(&machine.process(), Why::Waiting), None);
}

#[test]
fn programs_that_have_just_begun_make_one_upload_in_ten_minutes() {
    let mut machine = Machine::new();
    let mut uploads = 0;
    // A thousand short runs in an hour.
    for _ in 0..1_000 {
        let mut process = machine.process();
        if machine.begin(&mut process, Why::Waiting) {
            uploads += 1;
            process.succeeded(&machine.home.sdk());
        }
        machine.pass(3);
        machine.pass(u64::from(uploads % 2 == 0)); // Not in step with the interval.
    }
    assert!((5..=8).contains(&uploads), "{uploads}");
}

#[test]
fn a_program_that_asks_needs_no_token_and_takes_it() {
    let machine = Machine::new();
    assert!(machine.begin(&mut machine.process(), Why::Asked));
    assert!(!machine.begin(&mut machine.process(), Why::Waiting));
    assert!(machine.begin(&mut machine.process(), Why::Asked));
}

#[test]
fn uploads_that_nobody_lives_to_see_the_end_of_hold_back_the_young_only() {
    let mut machine = Machine::new();
    let mut uploads = 0;
    // A command every minute for a day, each too short for its server.
    for _ in 0..24 * 60 {
        uploads += u32::from(machine.begin(&mut machine.process(), Why::Waiting));
        machine.pass(MINUTE);
    }
    assert!((5..=9).contains(&uploads), "{uploads}");
    let patient = machine.process();
    let wait = machine.wait(&patient, Why::Waiting).unwrap();
    assert!(wait <= 10 * MINUTE, "{wait}");
    machine.pass(wait.max(11));
    assert_eq!(machine.wait(&patient, Why::Waiting), None, "a program that lives on delivers");
}

#[test]
fn a_program_that_lives_on_begins_four_uploads_a_minute() {
    let mut machine = Machine::new();
    let mut process = machine.process();
    let mut uploads = 0;
    for _ in 0..600 {
        if machine.begin(&mut process, Why::Waiting) {
            uploads += 1;
            process.succeeded(&machine.home.sdk());
        }
        machine.pass(1);
    }
    assert!((38..=44).contains(&uploads), "{uploads}");
}

#[test]
fn a_program_that_flushes_often_writes_once_a_minute() {
    let mut machine = Machine::new();
    let (mut process, dir) = (machine.process(), machine.home.sdk());
    let mut upload = |machine: &Machine| {
        assert!(machine.begin(&mut process, Why::Asked));
        let under_way = machine.file();
        process.succeeded(&dir);
        (under_way.upload_at - START, under_way.unfinished, machine.file().unfinished)
    };
    assert_eq!(upload(&machine), (0, 1, 0), "it may not live to say how its first one ended");
    machine.pass(MINUTE - 1);
    assert_eq!(upload(&machine), (0, 0, 0));
    machine.pass(1);
    assert_eq!(upload(&machine), (MINUTE, 1, 0));
    // Another program began one and died: that may have been ours.
    machine.begin(&mut machine.process(), Why::Asked);
    machine.pass(1);
    assert_eq!(upload(&machine), (MINUTE + 1, 2, 0));
    machine.pass(1);
    machine.fail(&mut machine.process(), Failure::Network);
    machine.pass(2 * MINUTE);
    assert_eq!(upload(&machine).1, 1, "after a failure as ever");
}

#[test]
fn r04_the_end_of_a_program_is_used_once_a_day_and_not_while_the_breaker_is_open() {
    let mut machine = Machine::new();
    let dir = machine.home.sdk();
    assert!(machine.process().take_exit(&dir, machine.now()));
    assert!(!machine.process().take_exit(&dir, machine.now()));
    machine.pass(DAY + 1);
    machine.fail(&mut machine.process(), Failure::Network);
    assert!(!machine.process().take_exit(&dir, machine.now()), "the breaker is open");
    machine.pass(MINUTE + 2);
    assert!(machine.process().take_exit(&dir, machine.now()));
}

#[test]
fn c20_thirty_days_of_daily_runs_against_a_dead_endpoint() {
    for (failure, random) in [(Failure::Network, LEAST), (Failure::Blocked, MOST), (Failure::Server, MEAN)] {
        let mut machine = Machine { random, ..Machine::new() };
        let mut attempts = 0;
        for _ in 0..30 {
            // Every run asks for all it can: by itself, and by a flush.
            let mut run = machine.process();
            let mut of_this_run = 0;
            for why in [Why::Waiting, Why::Asked] {
                if machine.begin(&mut run, why) {
                    of_this_run += 1;
                    run.failed(&machine.home.sdk(), failure, machine.now());
                }
            }
            assert!(of_this_run <= 1);
            attempts += of_this_run;
            machine.pass(DAY);
        }
        assert!((10..=30).contains(&attempts), "{attempts}");
        // It recovers: the next run, at the latest the one after a pause, is let through.
        machine.pass(6 * HOUR);
        assert!(machine.begin(&mut machine.process(), Why::Waiting));
    }
}

#[test]
fn r03_a_program_that_asks_without_end_makes_few_attempts() {
    let mut machine = Machine::new();
    let mut process = machine.process();
    let mut attempts = 0;
    for _ in 0..24 * 60 {
        if machine.begin(&mut process, Why::Asked) {
            attempts += 1;
            process.failed(&machine.home.sdk(), Failure::Network, machine.now());
        }
        machine.pass(MINUTE);
    }
    assert!(attempts <= 12, "{attempts} in a day");
}
