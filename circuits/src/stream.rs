//! Random streams: one seed, one stream for each purpose, each saved with what draws from it.

use std::convert::Infallible;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng, TryRng};
use serde::{Deserialize, Serialize};

/// A reproducible stream of random numbers, named by its purpose; the only source of randomness in the workspace.
///
/// It is handed in by `&mut` wherever something is drawn, and is a [`rand::Rng`] for code that knows no quantum word.
///
/// ```
/// use qloom_circuits::Stream;
/// let mut shots = Stream::named(7, "shots");
/// let state = shots.save();
/// let number = shots.unit();
/// assert_eq!(Stream::load(&state).unit(), number);
/// assert_ne!(Stream::named(7, "exploration").unit(), number);
/// ```
#[derive(Debug)]
pub struct Stream(ChaCha8Rng);

/// Where a stream stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamState {
    seed: [u8; 32],
    stream: u64,
    position: u128,
}

impl Stream {
    /// The stream called `name` of a seed; streams of different names are independent.
    pub fn named(seed: u64, name: &str) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // FNV-1a: a fixed hash, the same on every machine and in every version.
        let hash =
            name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        rng.set_stream(hash);
        Self(rng)
    }

    /// The stream of one of many parts of a purpose, numbered: independent of all others.
    pub fn numbered(seed: u64, name: &str, number: u64) -> Self {
        Self::named(seed, &format!("{name} {number}"))
    }

    /// Where the stream stands.
    pub fn save(&self) -> StreamState {
        StreamState { seed: self.0.get_seed(), stream: self.0.get_stream(), position: self.0.get_word_pos() }
    }

    /// A stream that goes on from there.
    pub fn load(state: &StreamState) -> Self {
        let mut rng = ChaCha8Rng::from_seed(state.seed);
        rng.set_stream(state.stream);
        rng.set_word_pos(state.position);
        Self(rng)
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A number of all 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number of the normal distribution of mean 0 and variance 1, from two draws.
    pub fn normal(&mut self) -> f64 {
        let (radius, turn) = (1.0 - self.unit(), self.unit());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
    }

    /// An index below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0.random_range(0..bound as u64) as usize
    }

    /// Puts a list into one of its orders, each as likely (R. Durstenfeld, Commun. ACM 7, 420 (1964)).
    ///
    /// ```
    /// use qloom_circuits::Stream;
    /// let mut order = [0, 1, 2, 3];
    /// Stream::named(7, "order").shuffle(&mut order);
    /// order.sort();
    /// assert_eq!(order, [0, 1, 2, 3]);
    /// ```
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_independent_and_resume_where_they_stood() {
        let mut first = Stream::named(7, "exploration");
        let mut second = Stream::named(7, "replay");
        let numbers: Vec<f64> = (0..5).map(|_| first.unit()).collect();
        assert!(numbers.iter().all(|x| (0.0..1.0).contains(x)));
        assert!(numbers.iter().all(|x| *x != second.unit()));
        let mut resumed = Stream::load(&first.save());
        assert_eq!(resumed.below(1000), first.below(1000));
        assert_eq!(resumed.unit(), first.unit());
        // Handed on as a generator it gives the same numbers.
        assert_eq!(Rng::next_u64(&mut resumed), first.word());
        let (mut bytes, mut word) = ([0; 4], [0; 4]);
        resumed.fill_bytes(&mut bytes);
        word.copy_from_slice(&first.next_u32().to_le_bytes());
        assert_eq!(bytes, word);
    }

    #[test]
    fn normal_numbers_have_their_moments() {
        let mut stream = Stream::named(2, "test");
        let numbers: Vec<f64> = (0..40_000).map(|_| stream.normal()).collect();
        let moment = |power: i32| numbers.iter().map(|x| x.powi(power)).sum::<f64>() / 40_000.0;
        // Standard deviations of these means: 0.005, 0.007, 0.019, 0.049.
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03);
        assert!(moment(3).abs() < 0.08 && (moment(4) - 3.0).abs() < 0.2);
    }

    #[test]
    fn every_index_is_reached() {
        let mut stream = Stream::named(1, "test");
        let mut counts = [0; 5];
        for _ in 0..5000 {
            counts[stream.below(5)] += 1;
        }
        // 1000 each, standard deviation 28.
        assert!(counts.iter().all(|&count| (850..1150).contains(&count)), "{counts:?}");
    }

    #[test]
    fn every_order_is_as_likely() {
        let mut stream = Stream::named(3, "test");
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut order = [0, 1, 2];
            stream.shuffle(&mut order);
            *counts.entry(order).or_insert(0) += 1;
        }
        // 1000 each, standard deviation 29.
        assert!(counts.len() == 6 && counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
