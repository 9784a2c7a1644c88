//! Run folders: what a long run leaves on the disk, written so that it can be killed at any moment and resumed.
//!
//! ```text
//! experiment.toml   the experiment with every default spelt out
//! meta.json         command, format and program version, commit, seed, instruction set, seconds, why it stopped
//! events.jsonl      one line for each step
//! checkpoint/state  everything needed to go on, bit for bit
//! lock              the process that has the folder; empty when none has
//! ```
//! The results of a job lie beside them.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, FORMAT};
use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::lock::{self, Lock};

/// What `meta.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Meta {
    /// Format of the folder.
    pub format: u32,
    /// The command that makes such runs, as it is typed behind `qloom`.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// Commit the program was built from.
    pub commit: String,
    /// Seed of the run.
    pub seed: u64,
    /// Instruction set of the kernels.
    pub simd: String,
    /// Wall time so far, in seconds, over all resumptions.
    pub seconds: f64,
    /// Why the run stopped; absent while it runs or after a kill.
    pub stop_reason: Option<String>,
}

impl Meta {
    /// What is known when a run begins.
    pub fn new(command: &str, seed: u64) -> Self {
        Self {
            format: FORMAT,
            command: command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: env!("QLOOM_COMMIT").to_owned(),
            seed,
            simd: qloom::sim::InstructionSet::best().name().to_owned(),
            seconds: 0.0,
            stop_reason: None,
        }
    }
}

/// An open run folder, which no other process can open.
pub struct RunFolder {
    path: PathBuf,
    events: BufWriter<File>,
    events_count: u64,
    events_bytes: u64,
    _lock: Lock,
}

/// What every format of `meta.json` has.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
    version: String,
}

/// A run that can go on.
pub struct Opened {
    /// The folder, events behind the checkpoint cut off.
    pub folder: RunFolder,
    /// The experiment's text.
    pub experiment: String,
    /// What is known about the run.
    pub meta: Meta,
    /// The last checkpoint; none when the run was stopped before its first.
    pub state: Option<Vec<u8>>,
}

impl RunFolder {
    /// Starts a new run in `path`, which must be absent or empty; `inputs` are files of what the experiment names, which make the folder
    /// complete.
    ///
    /// # Errors
    /// Bad input when something is there already, failed work when the disk refuses.
    pub fn create(path: &Path, experiment: &str, inputs: &[(&str, &str)], meta: &Meta) -> Result<Self, Failure> {
        if path.is_file() {
            return Err(Failure::input(format!("{} is a file; name a folder for the run", path.display())));
        }
        let occupied = || -> std::io::Result<bool> {
            let others =
                std::fs::read_dir(path)?.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name() != lock::FILE));
            Ok(others.count() > 0)
        };
        let refuse_if_occupied = || match path.is_dir() && occupied().or_work(path.display())? {
            true => {
                Err(Failure::input(format!("{0} is not empty; go on with --resume {0} or choose another --out", path.display())))
            }
            false => Ok(()),
        };
        refuse_if_occupied()?;
        let place = format!("cannot make the run folder {}", path.display());
        std::fs::create_dir_all(path).or_work(&place)?;
        let lock = Lock::take(path)?;
        // another process may have been here between the two
        refuse_if_occupied()?;
        std::fs::create_dir(path.join("checkpoint")).or_work(&place)?;
        let events = BufWriter::new(File::create(path.join("events.jsonl")).or_work(&place)?);
        let folder = Self { path: path.to_owned(), events, events_count: 0, events_bytes: 0, _lock: lock };
        folder.write("experiment.toml", experiment.as_bytes())?;
        inputs.iter().try_for_each(|(name, text)| folder.write(name, text.as_bytes()))?;
        // a folder with this file is complete
        folder.write_meta(meta)?;
        Ok(folder)
    }

    /// Opens a run to go on with it.
    ///
    /// # Errors
    /// Bad input when the folder is not a run of this command, half-written, of another format or version, or in use.
    pub fn open(path: &Path, command: &str) -> Result<Opened, Failure> {
        let missing = |name: &str| format!("{} is not a complete run folder: {name} cannot be read", path.display());
        if !path.join("meta.json").is_file() {
            return Err(Failure::input(format!("{} is not a run folder: it has no meta.json", path.display())));
        }
        let lock = Lock::take(path)?;
        let text = std::fs::read_to_string(path.join("meta.json")).or_input(missing("meta.json"))?;
        // the format decides what else there is
        let FormatOnly { format, version } = serde_json::from_str(&text).or_input(missing("meta.json"))?;
        if format != FORMAT {
            return Err(Failure::input(format!(
                "{} has format {format}, this program reads format {FORMAT}; resume it with the qloom {version} that began it",
                path.display(),
            )));
        }
        let meta: Meta = serde_json::from_str(&text).or_input(missing("meta.json"))?;
        if meta.command != command {
            return Err(Failure::input(format!(
                "{0} is a run of qloom {1}; go on with qloom {1} --resume {0}",
                path.display(),
                meta.command
            )));
        }
        if meta.version != env!("CARGO_PKG_VERSION") {
            return Err(Failure::input(format!(
                "{} was made by qloom {}, this is {}; a run resumes bit for bit only with the version that began it",
                path.display(),
                meta.version,
                env!("CARGO_PKG_VERSION")
            )));
        }
        let experiment = std::fs::read_to_string(path.join("experiment.toml")).or_input(missing("experiment.toml"))?;
        let state_path = path.join("checkpoint/state");
        let checkpoint = if state_path.is_file() {
            let bytes = std::fs::read(&state_path).or_input(missing("checkpoint/state"))?;
            Some(Checkpoint::unseal(&bytes).or_input(missing("checkpoint/state"))?)
        } else {
            None
        };
        let (events_count, events_bytes) = checkpoint.as_ref().map_or((0, 0), |saved| (saved.events, saved.events_bytes));
        let mut events = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("events.jsonl"))
            .or_input(missing("events.jsonl"))?;
        let length = events.metadata().or_input(missing("events.jsonl"))?.len();
        if length < events_bytes {
            return Err(Failure::input(format!(
                "{}: events.jsonl has {length} bytes where the checkpoint counted {events_bytes}; it was cut",
                path.display()
            )));
        }
        events.set_len(events_bytes).or_work(missing("events.jsonl"))?;
        events.seek(std::io::SeekFrom::End(0)).or_work(missing("events.jsonl"))?;
        let events = BufWriter::new(events);
        let folder = Self { path: path.to_owned(), events, events_count, events_bytes, _lock: lock };
        Ok(Opened { folder, experiment, meta, state: checkpoint.map(|saved| saved.state) })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every event so far, in order.
    ///
    /// # Errors
    /// Failed work when `events.jsonl` cannot be read.
    pub fn events<E: serde::de::DeserializeOwned>(&self) -> Result<Vec<E>, Failure> {
        let place = "cannot read events.jsonl";
        let text = std::fs::read_to_string(self.path.join("events.jsonl")).or_work(place)?;
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().or_work(place)
    }

    /// Appends one line to `events.jsonl`.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn event(&mut self, event: &impl Serialize) -> Result<(), Failure> {
        let place = "cannot write events.jsonl; the last checkpoint is unharmed";
        let mut line = serde_json::to_vec(event).or_work(place)?;
        line.push(b'\n');
        self.events.write_all(&line).or_work(place)?;
        self.events_count += 1;
        self.events_bytes += line.len() as u64;
        Ok(())
    }

    /// Saves the state of the run; a kill at any moment leaves this or the previous one.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn checkpoint(&mut self, state: &[u8]) -> Result<(), Failure> {
        let place = "cannot write events.jsonl; the last checkpoint is unharmed";
        self.events.flush().or_work(place)?;
        self.events.get_ref().sync_all().or_work(place)?;
        let checkpoint = Checkpoint { events: self.events_count, events_bytes: self.events_bytes, state: state.to_vec() };
        self.write("checkpoint/state", &checkpoint.seal())
    }

    /// Writes one file of the folder, whole or not at all.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        files::write_whole(&self.path.join(name), bytes)
    }

    /// Writes `meta.json`.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn write_meta(&self, meta: &Meta) -> Result<(), Failure> {
        let mut text = serde_json::to_vec_pretty(meta).or_work("cannot write meta.json")?;
        text.push(b'\n');
        self.write("meta.json", &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> Meta {
        Meta { seconds: 0.5, ..Meta::new("search", 1) }
    }

    #[test]
    fn what_came_after_the_checkpoint_is_cut_on_resumption() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run");
        let mut run = RunFolder::create(&path, "seed = 1\n", &[], &meta()).expect("an empty place");
        run.event(&1).expect("room");
        run.checkpoint(b"state").expect("room");
        run.event(&2).expect("room");
        drop(run);
        let Opened { folder: mut run, experiment, meta: read, state } = RunFolder::open(&path, "search").expect("a run");
        assert_eq!((experiment.as_str(), read, state), ("seed = 1\n", meta(), Some(b"state".to_vec())));
        run.event(&3).expect("room");
        run.checkpoint(b"next").expect("room");
        assert_eq!(std::fs::read_to_string(path.join("events.jsonl")).expect("text"), "1\n3\n");
    }

    #[test]
    fn strangers_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        std::fs::write(path.join("mine.txt"), "keep").expect("room");
        let message = RunFolder::create(path, "", &[], &meta()).err().expect("not empty").message();
        assert!(message.contains("--resume"), "{message}");
        assert!(RunFolder::open(path, "search").is_err());
        let run = path.join("run");
        drop(RunFolder::create(&run, "", &[], &meta()).expect("empty"));
        for (name, bytes) in [
            ("checkpoint/state", &b"qloomrun"[..]),
            ("meta.json", b"{"),
            ("meta.json", br#"{"format":99,"version":"9","commit":"","command":"search","seed":0,"simd":"","seconds":0,"stop_reason":null}"#),
        ] {
            std::fs::write(run.join(name), bytes).expect("room");
            assert!(matches!(RunFolder::open(&run, "search"), Err(Failure::Input(_))), "{name}");
        }
    }

    #[test]
    fn a_run_belongs_to_one_process_and_one_command() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run");
        let run = RunFolder::create(&path, "", &[], &meta()).expect("an empty place");
        for refused in [RunFolder::open(&path, "search").err(), RunFolder::create(&path, "", &[], &meta()).err()] {
            assert!(matches!(refused, Some(Failure::Input(_))));
        }
        drop(run);
        let message = RunFolder::open(&path, "jones benchmark").err().expect("another command").message();
        assert!(message.contains("qloom search --resume"), "{message}");
        assert!(RunFolder::open(&path, "search").is_ok());
    }
}
