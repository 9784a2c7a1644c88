//! Feature maps on the command line.

use clap::ValueEnum;
use qloom::circuits::library::Entanglement;
use qloom::learn::MapSettings;

/// A feature map and its settings.
#[derive(clap::Args)]
pub struct MapArguments {
    /// The feature map.
    #[arg(long, default_value = "zz")]
    map: Map,
    /// Repetitions of the map.
    #[arg(long, default_value_t = 2)]
    reps: usize,
    /// Which qubits are entangled.
    #[arg(long, default_value = "full")]
    entanglement: Pattern,
    /// Words of Pauli letters, for --map pauli.
    #[arg(long, value_name = "WORDS", value_delimiter = ',', default_value = "Z,ZZ")]
    words: Vec<String>,
    /// What the angles of --map pauli are multiplied by.
    #[arg(long, default_value_t = 2.0)]
    alpha: f64,
}

impl MapArguments {
    /// The map.
    pub fn settings(&self) -> MapSettings {
        let (reps, entanglement) = (self.reps, self.entanglement.entanglement());
        match self.map {
            Map::Z => MapSettings::Z { reps },
            Map::Zz => MapSettings::Zz { reps, entanglement },
            Map::Pauli => MapSettings::Pauli { words: self.words.clone(), reps, entanglement, alpha: self.alpha },
            Map::Angle => MapSettings::Angle {},
            Map::Amplitude => MapSettings::Amplitude {},
            Map::Iqp => MapSettings::Iqp { reps, entanglement },
        }
    }
}

/// A feature map.
#[derive(Clone, Copy, ValueEnum)]
pub enum Map {
    Z,
    Zz,
    Pauli,
    Angle,
    Amplitude,
    Iqp,
}

/// Which qubits are entangled.
#[derive(Clone, Copy, ValueEnum)]
pub enum Pattern {
    Full,
    Linear,
    ReverseLinear,
    Circular,
    Pairwise,
}

impl Pattern {
    /// As circuits know it.
    pub fn entanglement(self) -> Entanglement {
        match self {
            Pattern::Full => Entanglement::Full,
            Pattern::Linear => Entanglement::Linear,
            Pattern::ReverseLinear => Entanglement::ReverseLinear,
            Pattern::Circular => Entanglement::Circular,
            Pattern::Pairwise => Entanglement::Pairwise,
        }
    }
}
