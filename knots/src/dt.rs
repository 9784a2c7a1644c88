//! Dowker-Thistlethwaite codes: the even labels that meet 1, 3, 5, ... along the link.
//!
//! The code fixes the curve up to mirror images: of each piece that interlaces with nothing else the image is taken in which the
//! crossing labelled with its smallest odd number is positive.

use crate::error::KnotError;
use crate::pd::Diagram;

/// The most crossings of a code with several components; for them the drawing is found by trial.
const MAX_LINK_CROSSINGS: usize = 20;

impl Diagram {
    /// Reads a DT code such as `4 6 2` or, for several components, `[[6, 8], [2, 4]]`.
    ///
    /// Labels 1, 2, 3, ... run along the first component, then along the next; entry `k` is the even label at the crossing that has
    /// label `2k - 1`, negative if the even passage is over. DT codes do not know mirror images: the first crossing of each prime
    /// piece is made positive, so `4 6 2` is the right-handed trefoil. An empty code is the unknot.
    ///
    /// # Errors
    /// When an entry is odd, zero, out of range or repeated, a component has an odd number of labels, or no curve in the plane has
    /// this code; also for links of more than 20 crossings.
    ///
    /// ```
    /// let trefoil = qloom_knots::Diagram::parse_dt("4 6 2").unwrap();
    /// assert_eq!((trefoil.writhe(), trefoil.components()), (3, 1));
    /// ```
    pub fn parse_dt(text: &str) -> Result<Self, KnotError> {
        let code = Code::new(components(&text.replace("DT", " ").replace(':', " "))?)?;
        if code.partner.is_empty() {
            return Self::from_labels(&[]);
        }
        if code.ends.len() == 1 {
            return code.diagram(&code.interlaced_frames()?).map_err(|_| no_curve());
        }
        let crossings = code.partner.len() / 2;
        if crossings > MAX_LINK_CROSSINGS {
            let reason = format!(
                "a DT code of several components may have {MAX_LINK_CROSSINGS} crossings, not {crossings}; give a PD code"
            );
            return Err(KnotError::DtCode { position: MAX_LINK_CROSSINGS + 1, reason });
        }
        // the first crossing's frame is free: a mirror image
        (0..1u32 << (crossings - 1))
            .find_map(|choice| {
                code.diagram(&(0..crossings).map(|k| k > 0 && choice >> (k - 1) & 1 == 1).collect::<Vec<_>>()).ok()
            })
            .map(|diagram| if diagram.positive()[0] { diagram } else { diagram.mirror() })
            .ok_or_else(no_curve)
    }
}

fn no_curve() -> KnotError {
    let reason = "no curve in the plane has this code; check the pairs of labels".to_owned();
    KnotError::DtCode { position: 1, reason }
}

/// The entries of each component: split at closing brackets if brackets are nested.
fn components(text: &str) -> Result<Vec<Vec<i64>>, KnotError> {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for (position, c) in text.chars().enumerate() {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' if depth == 0 => {
                return Err(KnotError::Text { what: "a DT code", found: c.to_string(), position: position + 1 });
            }
            ']' | ')' | '}' => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest < 2 {
        return Ok(vec![crate::text::integers(text, "a DT code")?]);
    }
    let mut parts = Vec::new();
    for part in text.split([']', ')', '}']) {
        let entries = crate::text::integers(part, "a DT code")?;
        if !entries.is_empty() {
            parts.push(entries);
        }
    }
    Ok(parts)
}

/// A checked code: labels from 0, so odd labels of the code are even here.
struct Code {
    /// The label that meets each label.
    partner: Vec<usize>,
    /// Whether the passage with each label is over.
    over: Vec<bool>,
    /// One past the last label of each component.
    ends: Vec<usize>,
}

impl Code {
    fn new(parts: Vec<Vec<i64>>) -> Result<Self, KnotError> {
        let total = 2 * parts.iter().map(Vec::len).sum::<usize>();
        let mut code = Self { partner: vec![usize::MAX; total], over: vec![false; total], ends: Vec::new() };
        let mut label = 0;
        for entries in parts {
            for entry in entries {
                let position = label / 2 + 1;
                let wrong = |reason: String| Err(KnotError::DtCode { position, reason });
                let size = usize::try_from(entry.unsigned_abs()).unwrap_or(usize::MAX);
                if size % 2 == 1 || size == 0 || size > total {
                    return wrong(format!("{entry} is not an even number from 2 to {total} or its negative"));
                }
                if code.partner[size - 1] != usize::MAX {
                    return wrong(format!("{size} is there a second time; every even number occurs once"));
                }
                code.partner[label] = size - 1;
                code.partner[size - 1] = label;
                code.over[size - 1] = entry < 0;
                code.over[label] = entry > 0;
                label += 2;
            }
            code.ends.push(label);
        }
        Ok(code)
    }

    /// The label after this one on its component.
    fn next(&self, label: usize) -> usize {
        let mut start = 0;
        for &end in &self.ends {
            if label + 1 < end {
                return label + 1;
            }
            if label + 1 == end {
                return start;
            }
            start = end;
        }
        0
    }

    /// The diagram in which the passage with the odd label and that with the even one make a positive frame where `frames` says so.
    fn diagram(&self, frames: &[bool]) -> Result<Diagram, KnotError> {
        let labels: Vec<[i64; 4]> = frames
            .iter()
            .enumerate()
            .map(|(k, &frame)| {
                let (odd, even) = (2 * k, self.partner[2 * k]);
                let (over, under) = if self.over[odd] { (odd, even) } else { (even, odd) };
                let positive = frame == self.over[odd];
                // arc `label` leads into the passage
                let [into, out, over_into, over_out] = [under, self.next(under), over, self.next(over)].map(|l| l as i64);
                if positive { [into, over_out, out, over_into] } else { [into, over_into, out, over_out] }
            })
            .collect();
        Diagram::from_labels(&labels)
    }

    /// Frames of a knot from the interlacing of its crossings (Rosenstiehl's criterion): in a plane curve two interlaced crossings have
    /// frames that agree or not by the parity of what both interlace with.
    fn interlaced_frames(&self) -> Result<Vec<bool>, KnotError> {
        let crossings = self.partner.len() / 2;
        let chords: Vec<(usize, usize)> =
            (0..crossings).map(|k| (2 * k, self.partner[2 * k])).map(|(a, b)| (a.min(b), a.max(b))).collect();
        let words = crossings.div_ceil(64);
        let mut interlaced = vec![vec![0u64; words]; crossings];
        for (i, a) in chords.iter().enumerate() {
            for (j, b) in chords.iter().enumerate() {
                if (a.0 < b.0 && b.0 < a.1 && a.1 < b.1) || (b.0 < a.0 && a.0 < b.1 && b.1 < a.1) {
                    interlaced[i][j / 64] |= 1 << (j % 64);
                }
            }
        }
        if let Some(k) = interlaced.iter().position(|row| row.iter().map(|word| word.count_ones()).sum::<u32>() % 2 == 1) {
            let reason = "no curve in the plane has this code: the curve that closes here meets the rest an odd number of times";
            return Err(KnotError::DtCode { position: k + 1, reason: reason.to_owned() });
        }
        let mut frames: Vec<Option<bool>> = vec![None; crossings];
        for start in 0..crossings {
            if frames[start].is_some() {
                continue;
            }
            // positive crossing: the frame of the over and the under passage
            frames[start] = Some(self.over[2 * start]);
            let mut stack = vec![start];
            while let Some(i) = stack.pop() {
                for j in (0..crossings).filter(|j| interlaced[i][j / 64] >> (j % 64) & 1 == 1) {
                    let common: u32 = interlaced[i].iter().zip(&interlaced[j]).map(|(a, b)| (a & b).count_ones()).sum();
                    if frames[j].is_none() {
                        frames[j] = frames[i].map(|frame| frame == (common % 2 == 1));
                        stack.push(j);
                    }
                }
            }
        }
        Ok(frames.into_iter().map(|frame| frame == Some(true)).collect())
    }
}

#[cfg(test)]
mod tests;
