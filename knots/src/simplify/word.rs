//! Words up to far commutation: cancelling, gathering and braid relations in about linear time.
//!
//! Two letters stand in each other's way if their generators are neighbours or equal. Where the nearest such letter is, is read off the last
//! places of three generators, not searched for along the word.

use std::collections::VecDeque;

use qloom_circuits::Stream;

/// Places of the letters of each generator, ascending. Generator `g` has slot `g`, so that both its neighbours have one.
struct Places(Vec<VecDeque<usize>>);

impl Places {
    fn new(letters: &[i32]) -> Self {
        let most = letters.iter().map(|letter| letter.unsigned_abs() as usize).max().unwrap_or(0);
        Self(vec![VecDeque::new(); most + 2])
    }

    fn of(letters: &[i32]) -> Self {
        let mut places = Self::new(letters);
        letters.iter().enumerate().for_each(|(place, &letter)| places.0[slot(letter)].push_back(place));
        places
    }

    /// The last letter in the way of a generator.
    fn last(&self, generator: usize) -> Option<usize> {
        self.0[generator - 1..=generator + 1].iter().filter_map(|places| places.back().copied()).max()
    }

    /// The first letter at or behind a place whose generator is in a range.
    fn next(&self, from: usize, generators: std::ops::RangeInclusive<usize>) -> Option<usize> {
        let slots = self.0.iter().take(generators.end() + 1).skip(*generators.start());
        slots.filter_map(|places| places.get(places.partition_point(|&place| place < from)).copied()).min()
    }
}

fn slot(letter: i32) -> usize {
    letter.unsigned_abs() as usize
}

/// Cancels inverse letters up to far commutation, in one pass: each letter meets the last one in its way. Costs `n`.
pub(super) fn reduced(letters: &[i32]) -> Vec<i32> {
    let mut places = Places::new(letters);
    let mut word: Vec<i32> = Vec::with_capacity(letters.len());
    for &letter in letters {
        push(&mut word, &mut places, letter);
    }
    word.retain(|&letter| letter != 0);
    word
}

/// Appends a letter, or removes the inverse one that it meets, which leaves a 0; returns whether it cancelled.
fn push(word: &mut Vec<i32>, places: &mut Places, letter: i32) -> bool {
    let generator = slot(letter);
    if let Some(place) = places.last(generator).filter(|&place| word[place] == -letter) {
        word[place] = 0;
        places.0[generator].pop_back();
        return true;
    }
    places.0[generator].push_back(word.len());
    word.push(letter);
    false
}

/// Rotates the word letter by letter, cancelling across its ends, until a whole turn cancels nothing. Costs `n` a turn.
pub(super) fn cyclically_reduced(letters: Vec<i32>) -> Vec<i32> {
    let mut places = Places::of(&letters);
    let mut word = letters;
    let (mut first, mut left, mut still) = (0, word.len(), 0);
    while still < left {
        let letter = word[first];
        word[first] = 0;
        first += 1;
        if letter == 0 {
            continue;
        }
        places.0[slot(letter)].pop_front();
        if push(&mut word, &mut places, letter) {
            (left, still) = (left - 2, 0);
        } else {
            still += 1;
        }
        if word.len() > 4 * left + 64 {
            // most of it has gone
            word.retain(|&letter| letter != 0);
            (places, first) = (Places::of(&word), 0);
        }
    }
    word.retain(|&letter| letter != 0);
    word
}

/// Moves each letter back to an equal generator where commutation allows, so that runs are long. Costs `n`.
pub(crate) fn gathered(letters: &[i32]) -> Vec<i32> {
    let mut places = Places::new(letters);
    let mut runs: Vec<Vec<i32>> = Vec::new();
    for &letter in letters {
        let generator = slot(letter);
        match places.last(generator) {
            Some(run) if slot(runs[run][0]) == generator => runs[run].push(letter),
            _ => {
                places.0[generator].push_back(runs.len());
                runs.push(vec![letter]);
            }
        }
    }
    runs.concat()
}

/// One braid relation at a random place where there is one: `a b a -> b a b` and `a b -a -> -b a b` for neighbours `a`, `b` with
/// signs; none when there is no place. Costs `n`, and `log n` for each place that has none.
pub(super) fn slide(letters: &[i32], closed: bool, stream: &mut Stream) -> Option<Vec<i32>> {
    let mut word = letters.to_vec();
    if word.len() < 3 {
        return None;
    }
    let start = if closed { stream.below(word.len()) } else { 0 };
    word.rotate_left(start);
    let places = Places::of(&word);
    let offset = stream.below(word.len());
    for turn in 0..word.len() {
        let i = (offset + turn) % word.len();
        if let Some((places, relation)) = relation_at(&word, &places, i) {
            for (place, letter) in places.iter().zip(relation) {
                word[*place] = letter;
            }
            return Some(word);
        }
    }
    None
}

/// A braid relation that begins at a letter: the places of three letters that can be brought together, and what replaces them.
fn relation_at(word: &[i32], places: &Places, i: usize) -> Option<([usize; 3], [i32; 3])> {
    let a = word[i];
    let generator = slot(a);
    let j = places.next(i + 1, generator - 1..=generator + 1)?;
    let b = word[j];
    let other = slot(b);
    if other == generator {
        return None;
    }
    // what lies between has to commute with all three letters, so that writing the new ones at the old places is right
    let both = generator.min(other) - 1..=generator.max(other) + 1;
    if places.next(i + 1, both.clone()) != Some(j) {
        return None;
    }
    let k = places.next(j + 1, both)?;
    let c = word[k];
    if slot(c) != generator {
        return None;
    }
    let (x, y) = (a.abs(), b.abs());
    let relation = match (a > 0, b > 0, c > 0) {
        (true, true, true) => [y, x, y],
        (false, false, false) => [-y, -x, -y],
        (true, true, false) => [-y, x, y],
        (false, true, true) => [y, x, -y],
        (true, false, false) => [-y, -x, y],
        (false, false, true) => [y, -x, -y],
        (true, false, true) | (false, true, false) => return None,
    };
    Some(([i, j, k], relation))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn commute(a: i32, b: i32) -> bool {
        a.unsigned_abs().abs_diff(b.unsigned_abs()) >= 2
    }

    /// The same by searching along the word.
    fn searched(letters: &[i32]) -> Vec<i32> {
        let mut word: Vec<i32> = Vec::new();
        for &letter in letters {
            match word.iter().rposition(|&other| !commute(other, letter)) {
                Some(place) if word[place] == -letter => _ = word.remove(place),
                _ => word.push(letter),
            }
        }
        word
    }

    fn gathered_by_search(letters: &[i32]) -> Vec<i32> {
        let mut word: Vec<i32> = Vec::new();
        for &letter in letters {
            match word.iter().rposition(|&other| !commute(other, letter)) {
                Some(place) if word[place].abs() == letter.abs() => word.insert(place + 1, letter),
                _ => word.push(letter),
            }
        }
        word
    }

    fn words() -> impl Strategy<Value = Vec<i32>> {
        let letter = (1i32..6, proptest::bool::ANY).prop_map(|(generator, up)| if up { generator } else { -generator });
        proptest::collection::vec(letter, 0..40)
    }

    proptest! {
        #[test]
        fn places_are_found_without_searching(word in words()) {
            prop_assert_eq!(reduced(&word), searched(&word));
            prop_assert_eq!(gathered(&word), gathered_by_search(&word));
        }

        /// A turn of the result cancels nothing, and what was cancelled was cancelled in pairs.
        #[test]
        fn turned_words_are_reduced(word in words()) {
            let result = cyclically_reduced(word.clone());
            prop_assert_eq!((word.len() - result.len()) % 2, 0);
            for turn in 0..result.len() {
                let mut turned = result.clone();
                turned.rotate_left(turn);
                prop_assert_eq!(searched(&turned).len(), result.len());
            }
        }
    }
}
