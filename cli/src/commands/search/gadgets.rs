//! `qloom search gadgets`: parts that recur in the circuits of searches.

use std::path::{Path, PathBuf};

use qloom::qas::{Gadget, MinedRun, MiningConfig, QasError, SearchConfig, mine_gadgets};
use serde::{Deserialize, Serialize};

use super::problem;
use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::progress::Progress;
use crate::{circuit_file, files};

/// Find the parts that recur in the circuits of finished searches, as actions for other searches.
///
/// Of each run folder the circuits of the front are taken, the smallest for every energy. A gadget is some gates that could stand together in
/// them, counted wherever they stand on the register; its gain is which part of what a circuit lowers the energy by is lost without it. The
/// best, by the number of circuits times the gain, are written as JSON with qubits counted from the lowest, for
/// `search.environment.actions.gadgets` of a problem of any size.
///
/// For example: qloom search gadgets runs/lih-4-1 runs/lih-4-2 --out gadgets.json
#[derive(clap::Args)]
pub struct Arguments {
    /// Run folders of qloom search, of any problems with a Hamiltonian.
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The fewest gates of a gadget.
    #[arg(long, default_value_t = 3, value_name = "K")]
    least_gates: usize,
    /// The most gates of a gadget, up to 12.
    #[arg(long, default_value_t = 6, value_name = "K")]
    most_gates: usize,
    /// The most qubits of a gadget, up to 6.
    #[arg(long, default_value_t = 4, value_name = "K")]
    most_qubits: usize,
    /// In how many circuits a gadget has to be.
    #[arg(long, default_value_t = 2, value_name = "K")]
    circuits: usize,
    /// How many gadgets are kept, up to 256.
    #[arg(long, default_value_t = 16, value_name = "K")]
    most: usize,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// A file of gadgets, the best first.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GadgetFile {
    gadgets: Vec<Gadget>,
}

/// Reads gadgets; `path` is what messages call their file.
///
/// # Errors
/// Bad input with line and column.
pub fn parse(text: &str, path: &Path) -> Result<Vec<Gadget>, Failure> {
    let file: GadgetFile = serde_json::from_str(text).or_input(format!("{} is no file of gadgets", path.display()))?;
    Ok(file.gadgets)
}

#[derive(Serialize)]
struct Mined {
    file: PathBuf,
    runs: usize,
    circuits: usize,
    gadgets: Vec<Gadget>,
}

impl Report for Mined {
    fn text(&self) -> String {
        let mut rows = vec![
            ("runs", format!("{}, {} circuits", self.runs, self.circuits)),
            ("gadgets", format!("{}, in {}", self.gadgets.len(), self.file.display())),
        ];
        rows.extend(self.gadgets.iter().map(|gadget| {
            let gate = |part: &qloom::qas::GadgetGate| {
                let qubits: Vec<String> = part.qubits.iter().map(usize::to_string).collect();
                let angle = part.angle.map_or_else(String::new, |angle| format!("({angle:.3})"));
                format!("{}{angle} {}", part.gate, qubits.join(","))
            };
            let gates: Vec<String> = gadget.gates().iter().map(gate).collect();
            ("", format!("in {} circuits, gain {:.3}: {}", gadget.circuits(), gadget.gain(), gates.join("; ")))
        }));
        output::pairs(&rows)
    }
}

/// The part of an experiment that is needed.
#[derive(Deserialize)]
struct Experiment {
    search: SearchConfig,
}

/// The circuits of a run's front, and its problem.
fn read(folder: &Path) -> Result<MinedRun, Failure> {
    let place = folder.display();
    if !folder.join("result.json").is_file() {
        let message = format!("{place} has no result.json: name a folder that qloom search has made, and whose run has ended");
        return Err(Failure::input(message));
    }
    let file = folder.join("experiment.toml");
    let experiment: Experiment =
        toml::from_str(&files::read_text(&file)?).map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
    let Some(config) = &experiment.search.problem else {
        return Err(Failure::input(format!("{place} is the search of a classifier's circuit: gadgets are found by energies")));
    };
    let problem = problem::read(config, |name| Ok(folder.join(name)))?.problem;
    let mut circuits = Vec::new();
    loop {
        let file = folder.join(format!("front-{:02}.qasm", circuits.len() + 1));
        if !file.is_file() {
            break;
        }
        circuits.push(circuit_file::read(&file)?);
    }
    Ok(MinedRun { problem, circuits })
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runs = arguments.runs.iter().map(|run| read(run)).collect::<Result<Vec<_>, _>>()?;
    let config = MiningConfig {
        least_gates: arguments.least_gates,
        most_gates: arguments.most_gates,
        most_qubits: arguments.most_qubits,
        circuits: arguments.circuits,
        most: arguments.most,
    };
    let mut progress = Progress::new("fits")?;
    let gadgets = match mine_gadgets(&runs, &config, &mut |done, total| progress.tick(done, total)) {
        Err(QasError::Stopped) => return Err(Progress::stopped()),
        other => other.or_input("no gadgets can be found")?,
    };
    progress.finish();
    if gadgets.is_empty() {
        let message =
            "no part of these circuits recurs and lowers an energy: take more runs, or fewer --circuits or --least-gates";
        return Err(Failure::input(message));
    }
    let file = GadgetFile { gadgets };
    let text = serde_json::to_string_pretty(&file).or_work("cannot write the gadgets")?;
    files::write_whole(&arguments.out, text.as_bytes())?;
    let circuits = runs.iter().map(|run| run.circuits.len()).sum();
    output::report(arguments.json, &Mined { file: arguments.out.clone(), runs: runs.len(), circuits, gadgets: file.gadgets })
}
