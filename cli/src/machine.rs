//! What the machine has.

/// Bytes that can be taken without pushing others out, where the system says so.
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}

/// The memory a simulation may take: nine tenths of what is available, or the library's default.
pub fn memory_limit() -> u64 {
    available_memory().map_or(qloom::sim::SimulatorConfig::DEFAULT_MEMORY_LIMIT, |bytes| bytes / 10 * 9)
}
