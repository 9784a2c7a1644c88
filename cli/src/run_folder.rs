//! Run folders: what a long run leaves on the disk, written so that it can be killed at any moment and resumed.
//!
//! ```text
//! experiment.toml   the experiment with every default spelt out
//! meta.json         command, format and program version, commit, seed, instruction sets, seconds, why it stopped
//! events.jsonl      one line for each step
//! checkpoint/state  everything needed to go on, bit for bit
//! checksums.json    length and checksum of every file
//! lock, owner.json  the system's lock, and the process that has the folder; no owner when none has
//! ```
//! The results of a job lie beside them. A folder is made beside its place and renamed, so that it is complete from its first moment.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, FORMAT};
use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::lock::{self, Lock};
use crate::manifest::{self, Manifest, Sum};

const EXPERIMENT: &str = "experiment.toml";
const META: &str = "meta.json";
const EVENTS: &str = "events.jsonl";
const STATE: &str = "checkpoint/state";

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
    /// Instruction sets of the kernels, in the order in which the run used them.
    pub simd: Vec<SimdSpan>,
    /// Wall time so far, in seconds, over all resumptions.
    pub seconds: f64,
    /// Why the run stopped; absent while it runs or after a kill.
    pub stop_reason: Option<String>,
}

/// A part of a run on one instruction set.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct SimdSpan {
    /// The instruction set.
    pub set: String,
    /// Number of events before this part.
    pub from_event: u64,
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
            simd: vec![SimdSpan { set: instruction_set(), from_event: 0 }],
            seconds: 0.0,
            stop_reason: None,
        }
    }

    /// Notes the instruction set of this process, where it is another than before.
    fn go_on(&mut self, events: u64) {
        let set = instruction_set();
        if let Some(last) = self.simd.last().filter(|last| last.set != set) {
            eprintln!(
                "this run was begun with the instruction set {}, here it goes on with {set}: from event {events} on, results agree with \
                 those of an uncut run to rounding, not bit for bit",
                last.set
            );
            self.simd.push(SimdSpan { set, from_event: events });
        }
    }

    fn text(&self) -> Result<Vec<u8>, Failure> {
        let mut text = serde_json::to_vec_pretty(self).or_work("cannot write meta.json")?;
        text.push(b'\n');
        Ok(text)
    }
}

fn instruction_set() -> String {
    qloom::sim::InstructionSet::best().name().to_owned()
}

/// A file of a run: its name and its bytes.
pub type NamedFile = (String, Vec<u8>);

/// An open run folder, which no other process can open.
pub struct RunFolder {
    /// As the user calls it.
    path: PathBuf,
    events: BufWriter<File>,
    events_count: u64,
    events_bytes: u64,
    events_crc: crc32fast::Hasher,
    manifest: Manifest,
    lock: Lock,
}

/// What every format of `meta.json` has.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
    version: String,
}

/// What a new run folder holds.
pub struct Contents<'a> {
    /// The resolved experiment.
    pub experiment: &'a str,
    /// Files of what the experiment names, which make the folder complete.
    pub inputs: &'a [(&'a str, &'a str)],
    /// What is known about the run.
    pub meta: &'a Meta,
    /// The state of the job before its first step.
    pub state: &'a [u8],
}

/// A run that can go on.
pub struct Opened {
    /// The folder, events behind the checkpoint cut off.
    pub folder: RunFolder,
    /// The experiment's text.
    pub experiment: String,
    /// What is known about the run.
    pub meta: Meta,
    /// The last checkpoint.
    pub state: Vec<u8>,
}

impl RunFolder {
    /// Starts a new run in `path`, which must be absent or empty.
    ///
    /// # Errors
    /// Bad input when something is there already, failed work when the disk refuses.
    pub fn create(path: &Path, contents: &Contents<'_>) -> Result<Self, Failure> {
        refuse_if_occupied(path)?;
        let place = format!("cannot make the run folder {}", path.display());
        // what is there already may be a link
        let target = if path.exists() { path.canonicalize().or_work(&place)? } else { path.to_owned() };
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).or_work(&place)?;
        let here = std::env::current_dir().is_ok_and(|here| here == target);
        let Some(name) = target.file_name().filter(|_| !here) else {
            return Err(Failure::input(format!("{place}: name a folder inside this one")));
        };
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(".part");
        let beside = parent.join(hidden);
        std::fs::create_dir_all(&beside).or_work(&place)?;
        // whoever is making a folder of this name holds the lock; what the dead left is made anew
        let lock = Lock::take(&beside)?;
        let made = Self::fill(&beside, &target, lock, contents);
        if made.is_err() {
            // the first error is the one to report
            let _ = std::fs::remove_dir_all(&beside);
        }
        made.map(|folder| Self { path: path.to_owned(), ..folder })
    }

    fn fill(beside: &Path, target: &Path, lock: Lock, contents: &Contents<'_>) -> Result<Self, Failure> {
        let place = format!("cannot make the run folder {}", target.display());
        for entry in std::fs::read_dir(beside).or_work(&place)? {
            let path = entry.or_work(&place)?.path();
            if path.is_dir() {
                std::fs::remove_dir_all(&path).or_work(&place)?;
            } else if !path.file_name().is_some_and(lock::is_part) {
                std::fs::remove_file(&path).or_work(&place)?;
            }
        }
        std::fs::create_dir(beside.join("checkpoint")).or_work(&place)?;
        let events = BufWriter::new(File::create(beside.join(EVENTS)).or_work(&place)?);
        let events_crc = crc32fast::Hasher::new();
        let mut folder = Self {
            path: beside.to_owned(),
            events,
            events_count: 0,
            events_bytes: 0,
            events_crc,
            manifest: Manifest::default(),
            lock,
        };
        let mut files: Vec<NamedFile> = vec![(EXPERIMENT.to_owned(), contents.experiment.as_bytes().to_vec())];
        files.extend(contents.inputs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
        folder.checkpoint(contents.state, contents.meta, files)?;
        folder.manifest.need_all();
        folder.write(Vec::new())?;
        refuse_if_occupied(target)?;
        if target.is_dir() {
            let remedy = "it cannot be put in the place of this empty folder; name one inside it";
            std::fs::remove_dir(target).or_input(format!("{place}: {remedy}"))?;
        }
        std::fs::rename(beside, target).or_work(&place)?;
        folder.lock.moved(target);
        Ok(folder)
    }

    /// Opens a run to go on with it.
    ///
    /// # Errors
    /// Bad input when the folder is not a run of this command, damaged, of another format or version, or in use.
    pub fn open(path: &Path, command: &str) -> Result<Opened, Failure> {
        let place = path.display();
        if !path.join(META).is_file() && !path.join(manifest::FILE).is_file() {
            return Err(Failure::input(format!("{place} is not a run folder: it has neither meta.json nor {}", manifest::FILE)));
        }
        let lock = Lock::take(path)?;
        // the format decides what else there is
        let known: Option<FormatOnly> = std::fs::read(path.join(META)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some(FormatOnly { format, version }) = known.filter(|known| known.format != FORMAT) {
            return Err(Failure::input(format!(
                "{place} has format {format}, this program reads format {FORMAT}; resume it with the qloom {version} that began it"
            )));
        }
        let damaged = |name: &str, why: &str| {
            Failure::input(format!(
                "{place} is damaged: {name} {why}; put the file back from a copy, or begin a new run (qloom {command} --out ...)"
            ))
        };
        let bytes = std::fs::read(path.join(manifest::FILE))
            .map_err(|error| damaged(manifest::FILE, &format!("cannot be read ({error})")))?;
        let mut manifest =
            Manifest::unseal(&bytes).map_err(|error| damaged(manifest::FILE, &format!("is not as it was written ({error})")))?;
        let mut needed = Vec::new();
        for name in manifest.names() {
            let bytes = match name.as_str() {
                EVENTS => continue, // its beginning is read below
                _ => std::fs::read(path.join(&name)),
            };
            // what the run goes on from has to be right; what it gives is written anew
            let is_needed = manifest.is_needed(&name);
            match bytes {
                Err(error) if is_needed => return Err(damaged(&name, &format!("cannot be read ({error})"))),
                Ok(bytes) if manifest.holds(&name, &bytes) => {
                    manifest.settle(&name, Sum::of(&bytes));
                    if is_needed {
                        needed.push((name, bytes));
                    }
                }
                Ok(_) if is_needed => return Err(damaged(&name, "is not as it was written: its checksum is wrong")),
                Ok(_) | Err(_) => {
                    eprintln!("{place}: {name} is missing or not as it was written; it will be written anew");
                    manifest.forget(&name);
                }
            }
        }
        let of = |name: &str| {
            let found = needed.iter().find(|(other, _)| other == name).map(|(_, bytes)| bytes.as_slice());
            found.ok_or_else(|| damaged(name, "is not in the manifest"))
        };
        let meta: Meta =
            serde_json::from_slice(of(META)?).map_err(|error| damaged(META, &format!("is not as it was written ({error})")))?;
        if meta.command != command {
            let other = &meta.command;
            return Err(Failure::input(format!("{place} is a run of qloom {other}; go on with qloom {other} --resume {place}")));
        }
        if meta.version != env!("CARGO_PKG_VERSION") {
            return Err(Failure::input(format!(
                "{place} was made by qloom {}, this is {}; a run resumes bit for bit only with the version that began it",
                meta.version,
                env!("CARGO_PKG_VERSION")
            )));
        }
        let experiment = String::from_utf8(of(EXPERIMENT)?.to_vec()).map_err(|_| damaged(EXPERIMENT, "is no text"))?;
        let Checkpoint { events: events_count, events_bytes, state } =
            Checkpoint::unseal(of(STATE)?).map_err(|error| damaged(STATE, &format!("is not as it was written ({error})")))?;
        let (events, events_crc) = open_events(path, events_bytes, &mut manifest).map_err(|why| damaged(EVENTS, &why))?;
        let folder = Self {
            path: path.to_owned(),
            events: BufWriter::new(events),
            events_count,
            events_bytes,
            events_crc,
            manifest,
            lock,
        };
        let mut meta = meta;
        meta.go_on(events_count);
        Ok(Opened { folder, experiment, meta, state })
    }

    /// The folder, as the user calls it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files of the run that are as they were written.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.manifest.names().into_iter()
    }

    /// Every event so far, in order.
    ///
    /// # Errors
    /// Failed work when `events.jsonl` cannot be read.
    pub fn events<E: serde::de::DeserializeOwned>(&self) -> Result<Vec<E>, Failure> {
        let place = "cannot read events.jsonl";
        let text = std::fs::read_to_string(self.path.join(EVENTS)).or_work(place)?;
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
        self.events_crc.update(&line);
        Ok(())
    }

    /// Saves the state of the run with the files that belong to it; a kill at any moment leaves this or the previous one.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn checkpoint(&mut self, state: &[u8], meta: &Meta, mut files: Vec<NamedFile>) -> Result<(), Failure> {
        let place = "cannot write events.jsonl; the last checkpoint is unharmed";
        self.lock.refresh();
        self.events.flush().or_work(place)?;
        self.events.get_ref().sync_all().or_work(place)?;
        let checkpoint = Checkpoint { events: self.events_count, events_bytes: self.events_bytes, state: state.to_vec() };
        let sum = Sum { bytes: self.events_bytes, crc32: self.events_crc.clone().finalize() };
        self.manifest.allow(EVENTS, sum);
        files.push((META.to_owned(), meta.text()?));
        // the state is the last: with it the checkpoint is made
        files.push((STATE.to_owned(), checkpoint.seal()));
        self.write(files)
    }

    /// Writes files of the run, each whole or not at all, those that have changed.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn write(&mut self, mut files: Vec<NamedFile>) -> Result<(), Failure> {
        files.retain(|(name, bytes)| self.manifest.sums(name) != [Sum::of(bytes)]);
        files.iter().for_each(|(name, bytes)| self.manifest.allow(name, Sum::of(bytes)));
        let manifest = self.manifest.seal().or_work("cannot write the manifest")?;
        files::write_whole(&self.path.join(manifest::FILE), &manifest)?;
        for (name, bytes) in &files {
            files::write_whole(&self.path.join(name), bytes)?;
            self.manifest.settle(name, Sum::of(bytes));
        }
        Ok(())
    }
}

fn refuse_if_occupied(path: &Path) -> Result<(), Failure> {
    let display = path.display();
    if path.is_file() {
        return Err(Failure::input(format!("{display} is a file; name a folder for the run")));
    }
    if path.is_dir() && std::fs::read_dir(path).or_work(display)?.next().is_some() {
        let remedy = if path.join(manifest::FILE).is_file() {
            format!("go on with --resume {} or choose another --out", path.display())
        } else {
            "choose another --out".to_owned()
        };
        return Err(Failure::input(format!("{} is not empty; {remedy}", path.display())));
    }
    Ok(())
}

/// Opens the events of a run, those behind the checkpoint cut off, and the checksum of what stays.
fn open_events(path: &Path, kept: u64, manifest: &mut Manifest) -> Result<(File, crc32fast::Hasher), String> {
    let io = |error: std::io::Error| format!("cannot be read ({error})");
    let mut events = OpenOptions::new().read(true).write(true).open(path.join(EVENTS)).map_err(io)?;
    let mut crc = crc32fast::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut left = kept;
    while left > 0 {
        let part = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = events.read(&mut buffer[..part]).map_err(io)?;
        if read == 0 {
            return Err(format!("has {} bytes where the checkpoint counted {kept}: it was cut", kept - left));
        }
        crc.update(&buffer[..read]);
        left -= read as u64;
    }
    let sum = Sum { bytes: kept, crc32: crc.clone().finalize() };
    if !manifest.sums(EVENTS).contains(&sum) {
        return Err("is not as it was written: its checksum is wrong".to_owned());
    }
    manifest.settle(EVENTS, sum);
    events.set_len(kept).map_err(io)?;
    events.seek(std::io::SeekFrom::End(0)).map_err(io)?;
    Ok((events, crc))
}

#[cfg(test)]
mod tests;
