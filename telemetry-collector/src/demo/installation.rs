//! One installation: on which days it runs, with which version, and what happens in a run.

/// Random numbers that are the same everywhere for one seed: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of 0 to `below - 1`.
    pub(super) fn below(&mut self, below: u64) -> u64 {
        self.next() % below.max(1)
    }

    /// True in so many of 100 cases.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// The SDKs of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sdk {
    /// A component library.
    Ui,
    /// An admin framework.
    Admin,
    /// A command-line program.
    Cli,
}

impl Sdk {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Ui, Self::Admin, Self::Cli];

    /// The argument of the client program.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ui => "ui",
            Self::Admin => "admin",
            Self::Cli => "cli",
        }
    }

    /// The SDK's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ui => "month-ui",
            Self::Admin => "month-admin",
            Self::Cli => "month-cli",
        }
    }
}

/// What becomes of an installation in the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing special; it upgrades on this day, if at all.
    Ordinary { upgrade: Option<i32> },
    /// Its user opts out on this day, by one of the ways that there are.
    OptsOut { on: i32 },
    /// It has no network from the third day to the seventh, is left alone for weeks, and comes back: what waited is too old.
    Forgotten,
    /// It takes version 1.5.0 before the operator has told the collector.
    Early { upgrade: i32 },
    /// On this day no answer comes through: it cannot know that its events have arrived, and sends them again.
    Unheard { on: i32 },
}

/// One installation.
#[derive(Debug, Clone)]
pub(super) struct Installation {
    pub(super) sdk: Sdk,
    pub(super) number: u64,
    pub(super) fate: Fate,
    random: Random,
}

/// How a run reaches the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// Requests and answers come through.
    Clear,
    /// Requests come through, answers do not.
    Unheard,
    /// Nothing comes through.
    Down,
}

/// One run of a program.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Whose.
    pub(crate) sdk: Sdk,
    /// Which installation.
    pub(crate) installation: u64,
    /// The hour of the day.
    pub(crate) hour: i64,
    /// Whether it is of version 1.5.0.
    pub(crate) is_second: bool,
    /// How it reaches the collector.
    pub(crate) network: Network,
    /// Whether the user has opted out.
    pub(crate) is_out: bool,
    /// What happens in it, as arguments.
    pub(crate) words: Vec<String>,
}

impl Installation {
    pub(super) fn new(sdk: Sdk, number: u64, fate: Fate, seed: u64) -> Self {
        let mut random = Random(seed ^ (number << 8) ^ sdk as u64);
        random.next();
        Self { sdk, number, fate, random }
    }

    /// The run of this day, the first being 0; none on many days.
    pub(super) fn run(&mut self, day: i32, last: i32) -> Option<Run> {
        // The same numbers are drawn whatever the fate is.
        let (is_active, hour) = (self.random.percent(55), 8 + i64::try_from(self.random.below(12)).unwrap_or(0));
        let words = self.words();
        let (runs, network) = match self.fate {
            Fate::Forgotten if (2..7).contains(&day) => (true, Network::Down),
            Fate::Forgotten => (!(7..24).contains(&day) && (is_active || day == 24 || day == last), Network::Clear),
            Fate::Unheard { on } if day == on => (true, Network::Unheard),
            // The pause after a failure is over within two days.
            Fate::Unheard { on } => (is_active && !(on..on + 3).contains(&day) || day == last, Network::Clear),
            Fate::Early { upgrade } => (is_active || day == upgrade || day == last, Network::Clear),
            Fate::Ordinary { .. } | Fate::OptsOut { .. } => (is_active, Network::Clear),
        };
        let is_second = match self.fate {
            Fate::Ordinary { upgrade } => upgrade.is_some_and(|upgrade| day >= upgrade),
            Fate::Early { upgrade } => day >= upgrade,
            _ => false,
        };
        let is_out = matches!(self.fate, Fate::OptsOut { on } if day >= on);
        runs.then_some(Run { sdk: self.sdk, installation: self.number, hour, is_second, network, is_out, words })
    }

    fn words(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        match self.sdk {
            Sdk::Admin => {}
            Sdk::Cli => {
                for _ in 0..=self.random.below(4) {
                    words.push(if self.random.percent(70) { "build" } else { "deploy" }.to_owned());
                }
            }
            Sdk::Ui => {
                words.push("SignIn".to_owned());
                if self.random.percent(60) {
                    words.push("UserButton".to_owned());
                }
                for _ in 0..=self.random.below(3) {
                    words.push(self.random.below(11).to_string());
                }
            }
        }
        words
    }
}
