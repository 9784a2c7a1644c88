//! The ranks that one command line runs on together, where there are several.

use std::path::Path;
use std::sync::OnceLock;

use qloom::sim::{Fabric, SimulatorConfig};

use crate::failure::Failure;

/// The ranks of a command line, as whoever starts it knows them.
#[derive(Debug)]
pub struct Ranks {
    /// What connects them.
    pub fabric: Box<dyn Fabric + Send + Sync>,
    /// How many are on this machine and share its memory and processors.
    pub on_this_machine: usize,
}

static RANKS: OnceLock<Ranks> = OnceLock::new();

/// Makes these the ranks of this process, once.
pub fn set(ranks: Ranks) {
    let _ = RANKS.set(ranks);
}

/// What connects the ranks; none where there is one.
pub fn fabric() -> Option<&'static (dyn Fabric + Send + Sync)> {
    RANKS.get().map(|ranks| &*ranks.fabric).filter(|fabric| fabric.size() > 1)
}

/// Whether this rank is the one that prints and writes.
pub fn first() -> bool {
    fabric().is_none_or(|fabric| fabric.rank() == 0)
}

/// The ranks among which this machine is shared.
pub fn on_this_machine() -> usize {
    RANKS.get().map_or(1, |ranks| ranks.on_this_machine.max(1))
}

/// Refuses to work together where the ranks read different files, one of them reads none, or processors would plan differently.
///
/// # Errors
/// Bad input, the same on all ranks, that names the rank.
pub fn same_input(files: &[&Path], config: &SimulatorConfig) -> Result<(), Failure> {
    let Some(fabric) = fabric() else { return Ok(()) };
    let mut own = Vec::new();
    for file in files {
        if *file == Path::new("-") {
            return Err(Failure::input("several ranks cannot read one standard input; name a file"));
        }
        match std::fs::read(file) {
            Ok(bytes) => own.extend(fingerprint(&bytes)),
            Err(_) => own.extend([0; 9]),
        }
    }
    own.extend(fingerprint(plans_as(config).as_bytes()));
    let all = fabric.gather(&own).map_err(|error| Failure::Work(error.into()))?;
    for (rank, of_rank) in all.iter().enumerate() {
        for (place, (first, other)) in all[0].chunks(9).zip(of_rank.chunks(9)).enumerate() {
            let name = files.get(place).map(|file| file.display().to_string());
            match (name, first == other, first[0] == 1 && other[0] == 1) {
                // what no rank can read is told as of one process
                (_, true, _) => {}
                (Some(name), false, true) => {
                    return Err(Failure::input(format!(
                        "{name}: rank {rank} reads another text than rank 0; give all the same file"
                    )));
                }
                (Some(name), false, false) => {
                    let without = if other[0] == 1 { 0 } else { rank };
                    return Err(Failure::input(format!("{name}: rank {without} cannot read it; put it where all ranks find it")));
                }
                (None, false, _) => {
                    return Err(Failure::input(format!(
                        "rank {rank} has another processor than rank 0; give --simd and --tile, so that both do the same"
                    )));
                }
            }
        }
    }
    Ok(())
}

/// What a plan follows from beside the circuit: a tile that is given, else the cache that chooses it.
fn plans_as(config: &SimulatorConfig) -> String {
    let tile = config.tile_qubits.map_or_else(|| format!("{} bytes", config.cache), |qubits| format!("{qubits} qubits"));
    format!("{} {tile}", config.instruction_set.name())
}

/// That there is something, and a hash of it (FNV-1a).
fn fingerprint(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    std::iter::once(1).chain(hash.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rank_is_the_first_and_agrees_with_itself() {
        assert!(fabric().is_none() && first() && on_this_machine() == 1);
        same_input(&[Path::new("-"), Path::new("nowhere")], &SimulatorConfig::default()).expect("nobody differs");
    }

    #[test]
    fn processors_with_a_tile_in_common_plan_alike() {
        let small = SimulatorConfig { cache: 1 << 18, ..SimulatorConfig::default() };
        let large = SimulatorConfig { cache: 1 << 20, ..small };
        assert_ne!(plans_as(&small), plans_as(&large));
        let tiled = |config| plans_as(&SimulatorConfig { tile_qubits: Some(12), ..config });
        assert_eq!(tiled(small), tiled(large));
    }

    #[test]
    fn texts_have_their_fingerprints() {
        let of = |text: &str| fingerprint(text.as_bytes()).collect::<Vec<u8>>();
        // the offset basis of FNV-1a, and the hash of "a"
        assert_eq!(of("")[1..], 0xcbf2_9ce4_8422_2325u64.to_le_bytes());
        assert_eq!(of("a")[1..], 0xaf63_dc4c_8601_ec8cu64.to_le_bytes());
        assert!(of("a").len() == 9 && of("a") != of("b"));
    }
}
