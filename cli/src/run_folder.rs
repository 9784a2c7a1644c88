//! Run folders: what a long run leaves on the disk, written so that it can be killed at any moment and resumed.
//!
//! ```text
//! experiment.toml   the experiment with every default spelt out
//! meta.json         format and program version, commit, seed, instruction set, seconds, why it stopped
//! events.jsonl      one line an episode
//! checkpoint/state  everything needed to go on, bit for bit
//! best.qasm  best.svg  result.json  report.html  policy.safetensors
//! ```

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, OrFailure};
use crate::files;

/// The format of run folders this program reads and writes.
pub const FORMAT: u32 = 1;

const MAGIC: &[u8; 8] = b"qloomrun";

/// What `meta.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Meta {
    /// Format of the folder.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// Commit the program was built from.
    pub commit: String,
    /// Seed of the run.
    pub seed: u64,
    /// Instruction set of the kernels.
    pub simd: String,
    /// Wall time of the search so far, in seconds, over all resumptions.
    pub seconds: f64,
    /// Why the run stopped; absent while it runs or after a kill.
    pub stop_reason: Option<String>,
}

/// An open run folder.
pub struct RunFolder {
    path: PathBuf,
    events: BufWriter<File>,
    events_bytes: u64,
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
    /// Starts a new run in `path`, which must be absent or empty.
    ///
    /// # Errors
    /// Bad input when something is there already, failed work when the disk refuses.
    pub fn create(path: &Path, experiment: &str, meta: &Meta) -> Result<Self, Failure> {
        if path.is_file() {
            return Err(Failure::input(format!("{} is a file; name a folder for the run", path.display())));
        }
        if path.is_dir() && std::fs::read_dir(path).or_work(path.display())?.next().is_some() {
            return Err(Failure::input(format!(
                "{0} is not empty; go on with --resume {0} or choose another --out",
                path.display()
            )));
        }
        let place = format!("cannot make the run folder {}", path.display());
        std::fs::create_dir_all(path.join("checkpoint")).or_work(&place)?;
        let events = File::create(path.join("events.jsonl")).or_work(&place)?;
        let folder = Self { path: path.to_owned(), events: BufWriter::new(events), events_bytes: 0 };
        folder.write("experiment.toml", experiment.as_bytes())?;
        folder.write_meta(meta)?;
        Ok(folder)
    }

    /// Opens a run to go on with it.
    ///
    /// # Errors
    /// Bad input when the folder is no run, half-written, or of another format or version.
    pub fn open(path: &Path) -> Result<Opened, Failure> {
        let missing = |name: &str| format!("{} is no complete run: {name} cannot be read", path.display());
        let text = std::fs::read_to_string(path.join("meta.json")).or_input(missing("meta.json"))?;
        let meta: Meta = serde_json::from_str(&text).or_input(missing("meta.json"))?;
        if meta.format != FORMAT {
            return Err(Failure::input(format!(
                "{} has format {}, this program reads format {FORMAT}; resume it with version {} of qloom",
                path.display(),
                meta.format,
                meta.version
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
        let (state, events_bytes) = if state_path.is_file() {
            let (state, events_bytes) = unseal(&std::fs::read(&state_path).or_input(missing("checkpoint/state"))?)
                .or_input(missing("checkpoint/state"))?;
            (Some(state), events_bytes)
        } else {
            (None, 0)
        };
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
        let folder = Self { path: path.to_owned(), events: BufWriter::new(events), events_bytes };
        Ok(Opened { folder, experiment, meta, state })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
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
        self.write("checkpoint/state", &seal(state, self.events_bytes))
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

/// Header (magic, format, events length, checksum) and the state.
fn seal(state: &[u8], events_bytes: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(state.len() + 24);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(state).to_le_bytes());
    bytes.extend_from_slice(&events_bytes.to_le_bytes());
    bytes.extend_from_slice(state);
    bytes
}

fn unseal(bytes: &[u8]) -> anyhow::Result<(Vec<u8>, u64)> {
    anyhow::ensure!(bytes.len() >= 24 && &bytes[..8] == MAGIC, "it is no checkpoint");
    let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    anyhow::ensure!(word(8) == FORMAT, "it has format {}, this program reads {FORMAT}", word(8));
    let state = &bytes[24..];
    anyhow::ensure!(word(12) == crc32fast::hash(state), "its checksum is wrong: it was cut or changed");
    let events_bytes = u64::from(word(16)) | u64::from(word(20)) << 32;
    Ok((state.to_vec(), events_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> Meta {
        Meta {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            commit: "c".into(),
            seed: 1,
            simd: "scalar".into(),
            seconds: 0.5,
            stop_reason: None,
        }
    }

    #[test]
    fn what_came_after_the_checkpoint_is_cut_on_resumption() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run");
        let mut run = RunFolder::create(&path, "seed = 1\n", &meta()).expect("an empty place");
        run.event(&1).expect("room");
        run.checkpoint(b"state").expect("room");
        run.event(&2).expect("room");
        drop(run);
        let Opened { folder: mut run, experiment, meta: read, state } = RunFolder::open(&path).expect("a run");
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
        let message = RunFolder::create(path, "", &meta()).err().expect("not empty").message();
        assert!(message.contains("--resume"), "{message}");
        assert!(RunFolder::open(path).is_err());
        let run = path.join("run");
        drop(RunFolder::create(&run, "", &meta()).expect("empty"));
        for (name, bytes) in [
            ("checkpoint/state", &b"qloomrun"[..]),
            ("meta.json", b"{"),
            ("meta.json", br#"{"format":99,"version":"9","commit":"","seed":0,"simd":"","seconds":0,"stop_reason":null}"#),
        ] {
            std::fs::write(run.join(name), bytes).expect("room");
            assert!(matches!(RunFolder::open(&run), Err(Failure::Input(_))), "{name}");
        }
    }

    #[test]
    fn a_changed_checkpoint_is_noticed() {
        let mut bytes = seal(b"abc", 7);
        assert_eq!(unseal(&bytes).expect("whole"), (b"abc".to_vec(), 7));
        bytes[25] ^= 1;
        assert!(unseal(&bytes).is_err());
    }
}
