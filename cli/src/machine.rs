//! What the machine has: memory and threads.

use rayon::ThreadPoolBuilder;

use crate::ranks;

/// Bytes that can be taken without pushing others out, where the system says so.
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}

/// Bytes of addresses that a limit of the process (`ulimit -v`) leaves, where there is one.
fn address_space() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let taken: u64 = pages.split_whitespace().next()?.parse().ok()?;
    Some(limit.saturating_sub(taken << 12))
}

/// Bytes that the process's control group leaves, where it has a limit.
fn control_group() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let number = |file: &str| -> Option<u64> {
        std::fs::read_to_string(format!("/sys/fs/cgroup{group}/{file}")).ok()?.trim().parse().ok()
    };
    Some(number("memory.max")?.saturating_sub(number("memory.current")?))
}

/// The memory a simulation may take: nine tenths of what the machine and every limit leave, or the library's default; of several ranks on
/// this machine an equal part each.
pub fn memory_limit() -> u64 {
    let limits = [available_memory(), address_space(), control_group()];
    let least = limits.into_iter().flatten().min();
    least.map_or(qloom::sim::SimulatorConfig::DEFAULT_MEMORY_LIMIT, |bytes| bytes / 10 * 9) / ranks::on_this_machine() as u64
}

/// Bytes of a core's cache of this level that holds data, where the system says.
pub fn cache(level: u32) -> Option<u64> {
    let folder = std::path::Path::new("/sys/devices/system/cpu/cpu0/cache");
    (0..8).map(|index| folder.join(format!("index{index}"))).find_map(|cache| {
        let read = |file: &str| std::fs::read_to_string(cache.join(file)).ok();
        let wanted = read("level")?.trim().parse() == Ok(level) && read("type")?.trim() != "Instruction";
        let text = wanted.then(|| read("size"))??;
        text.trim().strip_suffix('K')?.parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
    })
}

/// The stack of each thread, in bytes: as large as that of a process's first thread.
const STACK: usize = 8 << 20;

/// The addresses that the system's allocator reserves for a thread, in bytes.
const ARENA: usize = 64 << 20;

/// Does the work on as many threads as are wanted, by default one for each processor; on fewer where the system refuses, which is said.
pub fn with_threads<R: Send>(wanted: Option<usize>, work: impl FnOnce() -> R + Send) -> R {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let wanted = wanted.unwrap_or_else(|| (processors() / ranks::on_this_machine()).max(1));
    // under a limit of addresses a thread can start and then fail at its first allocation: half of what is left is for them
    let fitting = address_space().map_or(usize::MAX, |bytes| (bytes / 2) as usize / (STACK + ARENA));
    let mut threads = wanted.min(fitting.max(1));
    let fewer = |threads: usize| {
        if threads < wanted {
            eprintln!("the system starts no {wanted} threads; {threads} are used");
        }
    };
    while threads > 0 {
        // a pool of its own: the one of the process cannot be built again after a failure
        if let Ok(pool) = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build() {
            fewer(threads);
            return pool.install(work);
        }
        threads /= 2;
    }
    // not one thread more than the one that is there
    eprintln!("the system starts no {wanted} threads; the one that is there is used");
    let _ = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    work()
}
