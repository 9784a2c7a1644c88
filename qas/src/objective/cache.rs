//! Fits that were made before.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Fit;
use crate::QasError;

/// Keeps fits, so that a circuit that comes again with the same angles to begin with is not fitted again.
///
/// Circuits that differ only by the order of gates on different qubits, by pairs of equal gates that undo themselves with nothing between
/// them, or by rotations that follow each other about one axis are one circuit, and its one form is what is fitted: what is found does not
/// depend on whether a fit was kept. Without noise alone, since noise tells such circuits apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// Memory for fits in 2^20 bytes, from 1 to 4096; the oldest go first. Saved states hold them. Default 16.
    pub megabytes: usize,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { megabytes: 16 }
    }
}

/// What a kept fit takes beside its key and angles, in bytes: two counted pointers to the key, lengths, and its place in the table.
const OVERHEAD: usize = 160;

/// Kept fits by their keys.
pub(super) struct Cache {
    limit: usize,
    bytes: usize,
    fits: HashMap<Arc<[u8]>, Fit>,
    /// The keys, the oldest first.
    order: VecDeque<Arc<[u8]>>,
    pub(super) hits: u64,
}

/// Where a cache stands: the fits with their keys, the oldest first, and how many were used again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CacheState {
    fits: Vec<(Vec<u8>, Vec<f64>, f64)>,
    hits: u64,
}

impl Cache {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a size outside its range.
    pub(super) fn new(config: &CacheConfig) -> Result<Self, QasError> {
        if !(1..=4096).contains(&config.megabytes) {
            return Err(QasError::invalid("objective.cache.megabytes", config.megabytes, "it has to be in 1 to 4096"));
        }
        Ok(Self::of_bytes(config.megabytes << 20))
    }

    pub(super) fn of_bytes(limit: usize) -> Self {
        Self { limit, bytes: 0, fits: HashMap::new(), order: VecDeque::new(), hits: 0 }
    }

    fn size(key: &[u8], fit: &Fit) -> usize {
        key.len() + 8 * fit.angles.len() + OVERHEAD
    }

    /// The fit of this key, of so many angles, if it is kept.
    pub(super) fn get(&mut self, key: &[u8], angles: usize) -> Option<Fit> {
        let fit = self.fits.get(key).filter(|fit| fit.angles.len() == angles)?;
        self.hits += 1;
        Some(fit.clone())
    }

    pub(super) fn insert(&mut self, key: Vec<u8>, fit: Fit) {
        let key: Arc<[u8]> = key.into();
        self.bytes += Self::size(&key, &fit);
        if let Some(old) = self.fits.insert(Arc::clone(&key), fit) {
            self.bytes -= Self::size(&key, &old);
        } else {
            self.order.push_back(key);
        }
        while self.bytes > self.limit {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(fit) = self.fits.remove(&oldest) {
                self.bytes -= Self::size(&oldest, &fit);
            }
        }
    }

    pub(super) fn save(&self) -> CacheState {
        let entry = |key: &Arc<[u8]>| {
            let fit = self.fits.get(key)?;
            Some((key.to_vec(), fit.angles.clone(), fit.energy))
        };
        CacheState { fits: self.order.iter().filter_map(entry).collect(), hits: self.hits }
    }

    pub(super) fn load(&mut self, state: &CacheState) {
        *self = Self::of_bytes(self.limit);
        for (key, angles, energy) in &state.fits {
            self.insert(key.clone(), Fit { angles: angles.clone(), energy: *energy });
        }
        self.hits = state.hits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_memory_is_bounded() {
        let mut cache = Cache::of_bytes(10 * (OVERHEAD + 9));
        let fit = |number: u8| Fit { angles: vec![f64::from(number)], energy: 0.0 };
        for number in 0..25 {
            cache.insert(vec![number], fit(number));
            assert!(cache.bytes <= cache.limit && cache.fits.len() == cache.order.len());
            assert_eq!(cache.bytes, cache.fits.iter().map(|(key, fit)| Cache::size(key, fit)).sum::<usize>());
        }
        assert_eq!((cache.get(&[14], 1), cache.get(&[24], 2), cache.hits), (None, None, 0));
        assert_eq!((cache.get(&[15], 1), cache.hits), (Some(fit(15)), 1));
        let mut other = Cache::of_bytes(cache.limit);
        other.load(&cache.save());
        assert_eq!((other.get(&[24], 1), other.hits, other.bytes), (Some(fit(24)), 2, cache.bytes));
        assert!(Cache::new(&CacheConfig { megabytes: 0 }).is_err() && Cache::new(&CacheConfig { megabytes: 5000 }).is_err());
    }
}
