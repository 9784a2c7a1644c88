//! `qloom search`: from a Hamiltonian's file to a found circuit.

mod progress;
mod report;
mod session;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qloom::qas::{Event, ProblemConfig, SearchConfig, StopReason};
use serde::{Deserialize, Serialize};

use self::progress::Progress;
use self::report::Outcome;
use self::session::Session;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::run_folder::{FORMAT, Meta, Opened, RunFolder};
use crate::{experiment, files, hamiltonian_file, output};

/// Find a circuit that prepares the ground state of a Hamiltonian.
///
/// The experiment is a TOML file; any key can be overridden with --set. Beside the search a random agent plays the same game with
/// as many evaluations, as the control. The run folder keeps everything and can be resumed after Ctrl-C or a crash, bit for bit.
///
/// For example: qloom search experiments/h2.toml --set seed=3 --set search.episodes=500
#[derive(clap::Args)]
pub struct Arguments {
    /// The experiment's TOML file; not needed with --resume.
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    file: Option<PathBuf>,
    /// Override a key of the experiment; can be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// The run folder to make; by default runs/NAME, with a number if that is there already.
    #[arg(long, conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Go on with the run in this folder; limits may be raised with --set.
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// Seconds between checkpoints.
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS")]
    checkpoint_every: f64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// An experiment of this command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    /// What it is called; names the run folder.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// The search.
    search: SearchConfig,
}

/// The copy of the Hamiltonian in the run folder, which makes the folder complete.
const HAMILTONIAN: &str = "hamiltonian.json";

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.checkpoint_every.is_nan() || arguments.checkpoint_every < 0.0 {
        return Err(Failure::input(format!("--checkpoint-every {}: give seconds, 0 or more", arguments.checkpoint_every)));
    }
    let interrupt = Interrupt::listen()?;
    let (folder, session, meta) = match (&arguments.resume, &arguments.file) {
        (Some(path), _) => resume(path, &arguments.overrides)?,
        (None, Some(file)) => begin(file, arguments)?,
        (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
    };
    search(folder, session, meta, arguments, &interrupt)
}

fn begin(file: &Path, arguments: &Arguments) -> Result<(RunFolder, Session, Meta), Failure> {
    let experiment: Experiment = experiment::read(file, &arguments.overrides)?;
    let Some(ProblemConfig::Hamiltonian(problem)) = &experiment.search.problem else {
        let message = "names no problem; add [search.problem.hamiltonian] with file = \"molecules/...json\"";
        return Err(Failure::input(format!("{} {message}", file.display())));
    };
    let path = experiment::find_data(Path::new(&problem.file), file)?;
    let text = files::read_text(&path)?;
    let hamiltonian = hamiltonian_file::parse(&text, &path)?;
    let session = Session::new(experiment.search.clone(), &hamiltonian, experiment.seed)?;
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => free_folder(&experiment.name)?,
    };
    let meta = Meta {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: env!("QLOOM_COMMIT").to_owned(),
        seed: experiment.seed,
        simd: qloom::sim::InstructionSet::best().name().to_owned(),
        seconds: 0.0,
        stop_reason: None,
    };
    let resolved = toml::to_string(&experiment).or_work("cannot write the resolved experiment")?;
    let folder = RunFolder::create(&out, &resolved, &meta)?;
    folder.write(HAMILTONIAN, text.as_bytes())?;
    Ok((folder, session, meta))
}

fn resume(path: &Path, overrides: &[String]) -> Result<(RunFolder, Session, Meta), Failure> {
    let Opened { folder, experiment: text, meta, state } = RunFolder::open(path)?;
    let experiment: Experiment = experiment::parse(&text, &path.join("experiment.toml"), overrides)?;
    let hamiltonian = hamiltonian_file::read(&path.join(HAMILTONIAN))?;
    let session = match state {
        Some(state) => Session::resume(experiment.search.clone(), &hamiltonian, &state)
            .map_err(|failure| Failure::Input(anyhow::anyhow!("cannot resume {}: {}", path.display(), failure.message())))?,
        None => Session::new(experiment.search.clone(), &hamiltonian, experiment.seed)?,
    };
    if !overrides.is_empty() {
        let resolved = toml::to_string(&experiment).or_work("cannot write the resolved experiment")?;
        folder.write("experiment.toml", resolved.as_bytes())?;
    }
    Ok((folder, session, meta))
}

/// `runs/NAME`, `runs/NAME-2`, ... : the first that is not there.
fn free_folder(name: &str) -> Result<PathBuf, Failure> {
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(legal) {
        return Err(Failure::input(format!("name = \"{name}\": use letters, digits, - and _, or choose a folder with --out")));
    }
    let folder = |number: usize| match number {
        1 => PathBuf::from("runs").join(name),
        _ => PathBuf::from("runs").join(format!("{name}-{number}")),
    };
    (1..100_000)
        .map(folder)
        .find(|path| !path.exists())
        .ok_or_else(|| Failure::input("runs/ is full; choose a folder with --out"))
}

fn search(
    mut folder: RunFolder,
    mut session: Session,
    mut meta: Meta,
    arguments: &Arguments,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let before = meta.seconds;
    let start = Instant::now();
    let interval = Duration::from_secs_f64(arguments.checkpoint_every.min(1e9));
    let mut saved = Instant::now();
    let mut progress = Progress::new(&session);
    let reason = loop {
        if interrupt.requested() {
            break None;
        }
        match session.step()? {
            Event::Episode(report) => {
                folder.event(&report)?;
                progress.episode(&report, &session, start.elapsed());
            }
            Event::Finished(reason) => break Some(reason),
        }
        if saved.elapsed() >= interval {
            meta.seconds = before + start.elapsed().as_secs_f64();
            save(&mut folder, &session, &meta)?;
            saved = Instant::now();
        }
    };
    progress.finish();
    if reason.is_some() {
        session.finish_control(interrupt)?;
    }
    meta.seconds = before + start.elapsed().as_secs_f64();
    meta.stop_reason = Some(reason.map_or("interrupted", stop_name).to_owned());
    save(&mut folder, &session, &meta)?;
    let outcome = Outcome::new(&session, meta.stop_reason.as_deref())?;
    report::write(&folder, &session, &outcome)?;
    if reason.is_none() {
        eprintln!("interrupted and saved; go on with: qloom search --resume {}", folder.path().display());
    }
    if arguments.json {
        output::json_line(&outcome.json(&meta, &folder.path().join(report::QASM)));
    } else {
        output::line(&outcome.table(&meta, folder.path()));
    }
    Ok(())
}

fn stop_name(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Episodes => "episodes",
        StopReason::Evaluations => "evaluations",
        StopReason::TargetError => "target-error",
    }
}

fn save(folder: &mut RunFolder, session: &Session, meta: &Meta) -> Result<(), Failure> {
    folder.checkpoint(&session.state())?;
    report::write_best(folder, session)?;
    folder.write_meta(meta)
}
