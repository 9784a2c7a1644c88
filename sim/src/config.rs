//! How simulations run: memory, threads, instruction set.

use fearless_simd::Level;

use crate::error::SimError;

/// How simulations run.
///
/// ```
/// let config = qloom_sim::SimulatorConfig::default();
/// assert!(config.threads >= 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SimulatorConfig {
    /// Most bytes one simulation may hold at a time.
    pub memory_limit: u64,
    /// Most threads; small states use one whatever this says.
    pub threads: usize,
    /// The vector instructions used.
    pub instruction_set: InstructionSet,
    /// Qubits of a tile, the piece of a large state that stays in cache while many gates act; `None` chooses.
    pub tile_qubits: Option<usize>,
    /// Bytes of the second-level cache of a core, half of which a chosen tile takes.
    pub cache: u64,
    /// Bytes of the first-level data cache of a core, half of which the piece of a tile takes on which several rotations are done at a time.
    pub first_cache: u64,
    /// The widest bond of a matrix product state, at least 1.
    pub bond: usize,
}

impl SimulatorConfig {
    /// The default limit on memory, 16 GiB.
    pub const DEFAULT_MEMORY_LIMIT: u64 = 16 << 30;
    /// The cache that is assumed where nothing is said, 1 MiB.
    pub const DEFAULT_CACHE: u64 = 1 << 20;
    /// The first-level cache that is assumed where nothing is said, 32 KiB.
    pub const DEFAULT_FIRST_CACHE: u64 = 1 << 15;
    /// The default width of bonds.
    pub const DEFAULT_BOND: usize = 64;
}

impl Default for SimulatorConfig {
    /// 16 GiB, as many threads as the pool has, the best instruction set of the machine, caches of 32 KiB and 1 MiB, bonds of 64.
    fn default() -> Self {
        Self {
            memory_limit: Self::DEFAULT_MEMORY_LIMIT,
            threads: rayon::current_num_threads(),
            instruction_set: InstructionSet::best(),
            tile_qubits: None,
            cache: Self::DEFAULT_CACHE,
            first_cache: Self::DEFAULT_FIRST_CACHE,
            bond: Self::DEFAULT_BOND,
        }
    }
}

/// A set of vector instructions, available on this machine.
#[derive(Clone, Copy, Debug)]
pub struct InstructionSet(Level);

impl InstructionSet {
    /// The best of this machine.
    pub fn best() -> Self {
        Self(Level::new())
    }

    /// Plain arithmetic without vector instructions.
    pub fn scalar() -> Self {
        Self(Level::fallback())
    }

    /// Every set of this machine, from plain to best.
    pub fn available() -> Vec<Self> {
        let best = Level::new();
        let mut sets = vec![Level::fallback()];
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            if let Some(level) = best.as_avx2() {
                sets.push(Level::Avx2(level));
            }
            if let Some(level) = best.as_avx512() {
                sets.push(Level::Avx512(level));
            }
        }
        #[cfg(target_arch = "aarch64")]
        if let Some(level) = best.as_neon() {
            sets.push(Level::Neon(level));
        }
        let _ = best;
        sets.into_iter().map(Self).collect()
    }

    /// The set of this name: `scalar`, `avx2`, `avx512` or `neon`.
    ///
    /// # Errors
    /// When the machine does not have it.
    pub fn from_name(name: &str) -> Result<Self, SimError> {
        let sets = Self::available();
        sets.iter().find(|set| set.name() == name).copied().ok_or_else(|| SimError::InstructionSet {
            name: name.to_owned(),
            available: sets.iter().map(|set| set.name()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            if self.0.as_avx512().is_some() {
                return "avx512";
            }
            if self.0.as_avx2().is_some() {
                return "avx2";
            }
        }
        #[cfg(target_arch = "aarch64")]
        if self.0.as_neon().is_some() {
            return "neon";
        }
        "scalar"
    }

    pub(crate) fn level(self) -> Level {
        self.0
    }
}
