//! The one loop of everything that runs long: steps, events, checkpoints, interruption, report.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::experiment::{self, Limit};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::output::{self, Report};
use crate::progress::Bar;
use crate::run_folder::{Contents, Meta, NamedFile, Opened, RunFolder};

/// Long work, one step at a time. Its state is saved between steps; resumed from a saved state it goes on as if it had never stopped, bit for
/// bit.
pub trait Job {
    /// What is counted.
    const UNIT: &'static str;
    /// What a step leaves behind: a line of `events.jsonl`.
    type Event: Serialize;
    /// What the command prints in the end.
    type Report: Report;

    /// Does one step. `interrupt` tells a step that takes long that the user wants it to end.
    ///
    /// # Errors
    /// When the work fails; the last checkpoint is then what is left.
    fn step(&mut self, interrupt: &Interrupt) -> Result<Step<Self::Event>, Failure>;

    /// Everything needed to go on.
    ///
    /// # Errors
    /// When it cannot be written down.
    fn state(&self) -> Result<Vec<u8>, Failure>;

    /// Goes on from a saved state, as the job that was saved would have.
    ///
    /// # Errors
    /// Bad input when the state belongs to another job.
    fn resume(&mut self, state: &[u8]) -> Result<(), Failure>;

    /// How far it is: steps done, steps in all, and what else to say after so much time since this process began.
    fn progress(&self, elapsed: Duration) -> (u64, u64, String);

    /// The results that are new since they were last asked for, as files beside a checkpoint.
    ///
    /// # Errors
    /// When they cannot be made.
    fn files(&mut self) -> Result<Vec<NamedFile>, Failure>;

    /// What is left to do when the last step is done.
    ///
    /// # Errors
    /// When the work fails.
    fn close(&mut self, _interrupt: &Interrupt) -> Result<(), Failure> {
        Ok(())
    }

    /// Writes the results and gives what the command prints; a job without a folder writes nothing.
    ///
    /// # Errors
    /// When the work fails or the disk refuses.
    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<Self::Report, Failure>;
}

/// The experiment of a kind of run.
pub trait Limited: Serialize + DeserializeOwned {
    /// What may be raised when a run goes on; all else is fixed when it begins.
    const LIMITS: &'static [Limit];
}

/// How a step ended.
pub enum Step<E> {
    /// A step was done.
    Event(E),
    /// There is nothing left to do, for this reason.
    Finished(&'static str),
    /// The user asked for an end in the middle of the step, which counts as not done.
    Interrupted,
}

/// How a command is told what experiment to run, with which keys, where and how.
#[derive(clap::Args)]
pub struct ExperimentArguments {
    /// The experiment's TOML file; not needed with --resume.
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    pub file: Option<PathBuf>,
    /// Override a key of the experiment; can be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
    #[command(flatten)]
    pub run: RunArguments,
}

/// How every command that runs a job is told where and how.
#[derive(clap::Args)]
pub struct RunArguments {
    /// The run folder to make.
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub out: Option<PathBuf>,
    /// Go on with the run in this folder.
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Seconds between checkpoints.
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS", value_parser = seconds)]
    checkpoint_every: f64,
    /// Save and end after so many seconds, with exit code 75: before a scheduler does it.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time_limit: Option<f64>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "give a number of seconds".to_owned())?;
    if value >= 0.0 { Ok(value) } else { Err("give a number of seconds of at least 0".to_owned()) }
}

/// A job with its place on the disk.
pub struct Run<J> {
    /// The job.
    pub job: J,
    /// The run folder, if there is one.
    pub folder: Option<RunFolder>,
    /// What is known about the run.
    pub meta: Meta,
}

impl<J: Job> Run<J> {
    /// Begins a run: makes the folder and writes the resolved experiment and its `inputs` into it.
    ///
    /// # Errors
    /// Bad input when there is something in the folder, failed work when the disk refuses.
    pub fn begin(
        job: J,
        out: Option<&Path>,
        experiment: &impl Serialize,
        inputs: &[(&str, &str)],
        meta: Meta,
    ) -> Result<Self, Failure> {
        let resolved = toml::to_string(experiment).or_work("cannot write the resolved experiment")?;
        let create = |out| {
            let contents = Contents { experiment: &resolved, inputs, meta: &meta, state: &job.state()? };
            RunFolder::create(out, &contents)
        };
        let folder = out.map(create).transpose()?;
        Ok(Self { job, folder, meta })
    }

    /// Opens a run to go on with it; `new` makes the job from its experiment, whose limits overrides may raise.
    ///
    /// # Errors
    /// Bad input when the folder is not such a run, an override changes what a run cannot change, or the state does not fit the
    /// experiment.
    pub fn resume<S: Limited>(
        path: &Path,
        command: &str,
        overrides: &[String],
        new: impl FnOnce(S, &RunFolder) -> Result<J, Failure>,
    ) -> Result<Self, Failure> {
        let Opened { mut folder, experiment: text, meta, state } = RunFolder::open(path, command)?;
        let place = path.join("experiment.toml");
        let mut experiment: S = experiment::parse(&text, &place, &[])?;
        if !overrides.is_empty() {
            let wanted: S = experiment::parse(&text, &place, overrides)?;
            experiment::only_raises(&experiment, &wanted, S::LIMITS)?;
            experiment = wanted;
        }
        let resolved = toml::to_string(&experiment).or_work("cannot write the resolved experiment")?;
        let mut job = new(experiment, &folder)?;
        let place = format!("cannot resume {}", path.display());
        job.resume(&state).map_err(|failure| Failure::input(format!("{place}: {}", failure.message())))?;
        folder.write(vec![("experiment.toml".to_owned(), resolved.into_bytes())])?;
        Ok(Self { job, folder: Some(folder), meta })
    }

    /// Begins what the arguments name, an experiment without files beside it, or goes on with it, and runs it to its end.
    ///
    /// # Errors
    /// As [`Run::begin`], [`Run::resume`] and [`Run::finish`].
    pub fn of_experiment<S: Limited + Clone>(
        command: &str,
        arguments: &ExperimentArguments,
        seed: impl FnOnce(&S) -> u64,
        new: impl FnOnce(S) -> Result<J, Failure>,
    ) -> Result<(), Failure> {
        let interrupt = Interrupt::listen()?;
        let run = match (&arguments.run.resume, &arguments.file) {
            (Some(path), _) => Self::resume(path, command, &arguments.overrides, |experiment: S, _: &RunFolder| new(experiment))?,
            (None, Some(file)) => {
                let experiment: S = experiment::read(file, &arguments.overrides)?;
                let meta = Meta::new(command, seed(&experiment));
                Self::begin(new(experiment.clone())?, arguments.run.out.as_deref(), &experiment, &[], meta)?
            }
            (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
        };
        run.finish(&arguments.run, &interrupt)
    }

    /// Runs the job to its end or until the user interrupts it, and prints its report.
    ///
    /// # Errors
    /// When the work fails or the disk refuses. An interruption is no error where a folder keeps what was done.
    pub fn finish(mut self, arguments: &RunArguments, interrupt: &Interrupt) -> Result<(), Failure> {
        let before = self.meta.seconds;
        let start = Instant::now();
        if let Some(limit) = arguments.time_limit {
            Interrupt::limit(Duration::from_secs_f64(limit.min(1e9)));
        }
        let interval = Duration::from_secs_f64(arguments.checkpoint_every.min(1e9));
        let mut saved = Instant::now();
        let mut bar = Bar::new(J::UNIT);
        let reason = loop {
            if interrupt.requested() {
                break None;
            }
            match self.job.step(interrupt)? {
                Step::Event(event) => {
                    if let Some(folder) = &mut self.folder {
                        folder.event(&event)?;
                    }
                    bar.update(|| self.job.progress(start.elapsed()));
                }
                Step::Finished(reason) => break Some(reason),
                Step::Interrupted => break None,
            }
            if saved.elapsed() >= interval {
                self.meta.seconds = before + start.elapsed().as_secs_f64();
                self.save()?;
                saved = Instant::now();
            }
        };
        bar.finish();
        if reason.is_some() {
            self.job.close(interrupt)?;
        }
        self.meta.seconds = before + start.elapsed().as_secs_f64();
        self.meta.stop_reason = Some(reason.unwrap_or("interrupted").to_owned());
        self.save()?;
        if reason.is_none() {
            let Some(folder) = &self.folder else {
                return Err(Failure::Work(anyhow::anyhow!("stopped on request; nothing was written")));
            };
            eprintln!("interrupted and saved; go on with: qloom {} --resume {}", self.meta.command, folder.path().display());
        }
        output::report(arguments.json, &self.job.report(&self.meta, self.folder.as_mut())?)?;
        if reason.is_none() && interrupt.is_of_system() { Err(Failure::Unfinished) } else { Ok(()) }
    }

    fn save(&mut self) -> Result<(), Failure> {
        let Some(folder) = &mut self.folder else { return Ok(()) };
        folder.checkpoint(&self.job.state()?, &self.meta, self.job.files()?)
    }
}
