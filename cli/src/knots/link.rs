//! Which link a command is about.

use qloom::circuits::Stream;
use qloom::knots::{Braid, Closure, Diagram, SimplifyConfig, simplify, table};

use crate::failure::{Failure, OrFailure};

/// A link, in one of four forms.
#[derive(clap::Args)]
pub struct LinkArguments {
    /// A braid word such as "1 -2 1 -2" or "[1,-2,1,-2]"; an empty word is the unknot on one strand.
    #[arg(allow_hyphen_values = true, conflicts_with_all = ["pd", "dt", "name"])]
    word: Option<String>,
    /// A PD code such as "[[1,5,2,4],[3,1,4,6],[5,3,6,2]]": arcs from the incoming under-strand, counter-clockwise.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["dt", "name"])]
    pd: Option<String>,
    /// A DT code such as "4 6 2", or "[[6,8],[10,2,4]]" for a link; even labels that are over are negative.
    #[arg(long, value_name = "CODE", allow_hyphen_values = true, conflicts_with = "name")]
    dt: Option<String>,
    /// A name from the bundled table, as KnotInfo, LinkInfo or SnapPy writes it: 4_1, 11a_1, K11a1, L2a1{0}, L2a1.
    #[arg(long)]
    name: Option<String>,
    /// Strands of the braid, if more than its letters need.
    #[arg(long, value_name = "N")]
    strands: Option<usize>,
    /// How the braid is closed.
    #[arg(long, default_value = "trace")]
    closure: ClosureArgument,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ClosureArgument {
    /// Every top end with the bottom end of the same strand.
    Trace,
    /// Neighbouring ends (1,2), (3,4), ... at the top and at the bottom.
    Plat,
}

/// A link as it was given.
pub enum Link {
    Braid(Braid),
    Diagram(Diagram),
}

impl LinkArguments {
    pub fn closure(&self) -> Closure {
        match self.closure {
            ClosureArgument::Trace => Closure::Trace,
            ClosureArgument::Plat => Closure::Plat,
        }
    }

    /// Whether a link was named.
    pub fn given(&self) -> bool {
        self.word.is_some() || self.pd.is_some() || self.dt.is_some() || self.name.is_some() || self.strands.is_some()
    }

    /// Reads the link.
    ///
    /// # Errors
    /// Bad input with the place of the mistake.
    pub fn read(&self) -> Result<Link, Failure> {
        let link = match (&self.word, &self.pd, &self.dt, &self.name) {
            (Some(word), ..) => Link::Braid(read_word(word, self.strands)?),
            (_, Some(pd), ..) => Link::Diagram(Diagram::parse(pd).or_input("--pd")?),
            (_, _, Some(dt), _) => Link::Diagram(Diagram::parse_dt(dt).or_input("--dt")?),
            (_, _, _, Some(name)) => Link::Braid(table::find(name).or_input("--name")?.braid.clone()),
            (None, None, None, None) => return Err(Failure::input("name a link: a braid word, --pd, --dt or --name")),
        };
        if self.word.is_none() && self.strands.is_some() {
            return Err(Failure::input("--strands belongs to a braid word"));
        }
        if matches!(link, Link::Diagram(_)) && self.closure == ClosureArgument::Plat {
            return Err(Failure::input("--closure plat belongs to a braid word; a diagram is closed already"));
        }
        Ok(link)
    }

    /// Reads the link and makes a braid of it, by Vogel's algorithm if it is a diagram.
    ///
    /// # Errors
    /// As [`LinkArguments::read`], and when the braid would be too large.
    pub fn read_braid(&self) -> Result<Braid, Failure> {
        match self.read()? {
            Link::Braid(braid) => Ok(braid),
            Link::Diagram(diagram) => diagram.to_braid().or_input("cannot make a braid of the diagram"),
        }
    }
}

/// A braid word on at least as many strands as asked for.
pub fn read_word(word: &str, strands: Option<usize>) -> Result<Braid, Failure> {
    let braid = Braid::parse(word).or_input("braid word")?;
    match strands {
        Some(strands) => Braid::new(strands, braid.letters().to_vec()).or_input("braid word"),
        None => Ok(braid),
    }
}

/// A braid, simplified if asked for.
pub fn simplified(braid: Braid, wanted: bool, closure: Closure, seed: u64) -> Braid {
    if !wanted {
        return braid;
    }
    let config = SimplifyConfig { closed: closure == Closure::Trace, ..SimplifyConfig::default() };
    simplify(&braid, config, &mut Stream::named(seed, "slides"))
}

/// A braid as a run folder holds it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BraidConfig {
    pub strands: usize,
    pub letters: Vec<i32>,
    pub closure: Closure,
}

impl BraidConfig {
    pub fn new(braid: &Braid, closure: Closure) -> Self {
        Self { strands: braid.strands(), letters: braid.letters().to_vec(), closure }
    }

    /// The braid.
    ///
    /// # Errors
    /// Bad input when a letter is beyond the strands.
    pub fn braid(&self) -> Result<Braid, Failure> {
        Braid::new(self.strands, self.letters.clone()).or_input("the braid")
    }
}

/// Refuses what cannot be chosen any more where a run goes on.
///
/// # Errors
/// Bad input when something was chosen.
pub fn nothing_new(chosen: &[(&str, bool)]) -> Result<(), Failure> {
    match chosen.iter().find(|(_, chosen)| *chosen) {
        None => Ok(()),
        Some((what, _)) => Err(Failure::input(format!("--resume goes on with the run as it began; leave out {what}"))),
    }
}
