//! Diagrams without kinks: the first Reidemeister move.

use super::Diagram;

impl Diagram {
    /// The diagram without its kinks, crossings at which an arc comes back at once, and without those that appear as they go. The link is
    /// the same, the writhe is not. Costs about the number of crossings.
    ///
    /// ```
    /// use qloom_knots::Diagram;
    /// let kink = Diagram::parse("[[2, 1, 1, 2]]")?;
    /// let circle = kink.without_kinks();
    /// assert_eq!((circle.crossings().len(), circle.circles(), circle.components()), (0, 1, 1));
    /// # Ok::<(), qloom_knots::KnotError>(())
    /// ```
    #[must_use]
    pub fn without_kinks(&self) -> Self {
        let count = self.crossings.len();
        let mut arcs = self.crossings.clone();
        let mut gone = vec![false; count];
        // the crossings at both ends of each arc; arcs that became one are named by the last of them
        let mut ends: Vec<[usize; 2]> = vec![[usize::MAX; 2]; 2 * count];
        for (crossing, labels) in arcs.iter().enumerate() {
            for &arc in labels {
                let place = usize::from(ends[arc][0] != usize::MAX);
                ends[arc][place] = crossing;
            }
        }
        let mut circles = self.circles;
        let mut waiting: Vec<usize> = (0..count).collect();
        while let Some(crossing) = waiting.pop() {
            if gone[crossing] {
                continue;
            }
            let labels = arcs[crossing];
            let Some(at) = (0..4).find(|&at| labels[at] == labels[(at + 1) % 4]) else { continue };
            gone[crossing] = true;
            let (kept, lost) = (labels[(at + 2) % 4], labels[(at + 3) % 4]);
            if kept == lost {
                circles += 1;
                continue;
            }
            // the two arcs that lead to the kink become one
            let other = |arc: usize| if ends[arc][0] == crossing { ends[arc][1] } else { ends[arc][0] };
            let (near, far) = (other(kept), other(lost));
            if let Some(label) = arcs[far].iter_mut().find(|label| **label == lost) {
                *label = kept;
            }
            ends[kept] = [near, far];
            waiting.push(far);
        }
        let mut compact = std::collections::HashMap::new();
        let mut kept = Self { crossings: Vec::new(), positive: Vec::new(), components: self.components, circles };
        for (crossing, mut labels) in arcs.into_iter().enumerate().filter(|(crossing, _)| !gone[*crossing]) {
            for arc in &mut labels {
                let fresh = compact.len();
                *arc = *compact.entry(*arc).or_insert(fresh);
            }
            kept.crossings.push(labels);
            kept.positive.push(self.positive[crossing]);
        }
        kept
    }
}
