//! Swaps where qubits are not coupled.

use super::machine::Machine;
use super::order::{NONE, Order};
use super::routed::{Front, Routed, Step, Taste};
use qloom_circuits::Stream;

/// A qubit that was just swapped is this much dearer for a while.
const DECAY: f32 = 0.001;
/// Scores nearer to each other than this are equal.
const TIED: f32 = 1e-5;
/// After so many swaps the dearer qubits are forgotten.
const FORGET: usize = 5;

/// The block at the end of a physical qubit, which a swap could join.
#[derive(Clone, Copy)]
struct Open {
    with: u32,
    /// Gates as it is, and with a swap more.
    gates: [f32; 2],
    /// Whether it is nothing but a swap.
    swap: bool,
}

const CLOSED: Open = Open { with: NONE, gates: [0.0; 2], swap: false };

/// Routes one circuit on one machine, any number of times.
pub(super) struct Router<'a> {
    order: &'a Order,
    machine: &'a Machine,
    neighbours: &'a [Vec<usize>],
    swap_gates: f32,
    place: Vec<u32>,
    holder: Vec<u32>,
    waiting: Vec<u32>,
    ready: Vec<u32>,
    /// Blocks that wait for their qubits to meet.
    front: Vec<u32>,
    /// Those that draw, and for each qubit its partners in them.
    first: Vec<[u32; 2]>,
    first_of: Vec<Vec<u32>>,
    /// Which blocks draw.
    drawn: Front,
    /// Pairs beyond the front, and for each qubit its partners among them.
    ahead: Vec<[u32; 2]>,
    ahead_of: Vec<Vec<u32>>,
    open: Vec<Open>,
    decay: Vec<f32>,
    level: Vec<f32>,
    late: Vec<u32>,
    /// Blocks met while looking ahead, with what they still waited for.
    touched: Vec<u32>,
    /// Qubits whose swaps are among the candidates.
    met: Vec<bool>,
    queue: Vec<u32>,
    candidates: Vec<[u32; 2]>,
    tied: Vec<[u32; 2]>,
    routed: Routed,
    /// Distances of all pairs where that is not too much; otherwise empty.
    table: Vec<u16>,
    /// What a distance counts.
    worth: Vec<f32>,
    /// Swaps looked at and items done so far.
    pub work: u64,
}

/// Qubits up to which all distances are kept in one table.
const TABLE: usize = 1024;

impl<'a> Router<'a> {
    pub fn new(order: &'a Order, machine: &'a Machine, neighbours: &'a [Vec<usize>], drawn: Front) -> Self {
        let n = machine.connectivity.num_qubits;
        Self {
            order,
            machine,
            neighbours,
            swap_gates: machine.fewest(&[std::f64::consts::FRAC_PI_4; 3]),
            place: Vec::new(),
            holder: vec![NONE; n],
            waiting: Vec::new(),
            ready: Vec::new(),
            front: Vec::new(),
            first: Vec::new(),
            first_of: vec![Vec::new(); order.num_qubits],
            drawn,
            ahead: Vec::new(),
            ahead_of: vec![Vec::new(); order.num_qubits],
            open: vec![CLOSED; n],
            decay: vec![1.0; n],
            level: vec![0.0; n],
            late: Vec::new(),
            touched: Vec::new(),
            met: vec![false; order.num_qubits],
            queue: Vec::new(),
            candidates: Vec::new(),
            tied: Vec::new(),
            routed: Routed { steps: Vec::new(), last: Vec::new(), gates: 0.0, depth: 0.0 },
            table: if n <= TABLE {
                (0..n * n).map(|pair| machine.connectivity.distance(pair / n, pair % n)).collect()
            } else {
                Vec::new()
            },
            worth: Vec::new(),
            work: 0,
        }
    }

    /// Routes from a layout, physical qubit by qubit, in which qubits that meet can reach each other.
    ///
    /// Source: Li, Ding and Xie, arXiv:1809.02573, with scores that are kept up to date, and with the price of a swap after it is joined
    /// to the block before it.
    pub fn route(&mut self, layout: &[usize], taste: &Taste, numbers: &mut Stream) -> Routed {
        self.begin(layout);
        self.weigh_distances(taste.fade);
        let patience = 4 * self.place.len().clamp(8, 60);
        let mut since_progress = 0;
        let mut fresh = true;
        loop {
            if self.advance() | std::mem::take(&mut fresh) {
                since_progress = 0;
                self.decay.fill(1.0);
                self.choose_first();
                self.look_ahead(taste.ahead);
            }
            if self.front.is_empty() {
                break;
            }
            if since_progress > patience {
                self.walk_nearest();
                fresh = true;
                continue;
            }
            let [p, q] = self.best_swap(taste, numbers);
            self.swap(p, q);
            since_progress += 1;
            if since_progress % FORGET == 0 {
                self.decay.fill(1.0);
            }
        }
        self.late.sort_unstable();
        let late = self.late.drain(..).map(Step::Item);
        self.routed.steps.extend(late);
        self.routed.last = self.place.iter().map(|&physical| physical as usize).collect();
        self.routed.depth = self.level.iter().copied().fold(0.0, f32::max);
        std::mem::replace(&mut self.routed, Routed { steps: Vec::new(), last: Vec::new(), gates: 0.0, depth: 0.0 })
    }

    fn begin(&mut self, layout: &[usize]) {
        self.place.clear();
        self.place.extend(layout.iter().map(|&physical| physical as u32));
        self.holder.fill(NONE);
        for (qubit, &physical) in layout.iter().enumerate() {
            self.holder[physical] = qubit as u32;
        }
        self.waiting.clone_from(&self.order.before);
        self.ready.clear();
        self.ready.extend((0..self.order.len() as u32).filter(|&index| self.order.before[index as usize] == 0));
        self.front.clear();
        self.first.clear();
        self.first_of.iter_mut().for_each(Vec::clear);
        self.ahead.clear();
        self.ahead_of.iter_mut().for_each(Vec::clear);
        self.open.fill(CLOSED);
        self.decay.fill(1.0);
        self.level.fill(0.0);
        self.late.clear();
        self.routed.steps.reserve(2 * self.order.len());
    }

    fn distance(&self, a: u32, b: u32) -> f32 {
        let (a, b) = (a as usize, b as usize);
        let couplings =
            if self.table.is_empty() { self.machine.connectivity.distance(a, b) } else { self.table[a * self.holder.len() + b] };
        f32::from(couplings)
    }

    /// What a distance counts; beyond the last entry as much as that.
    fn far(&self, a: u32, b: u32) -> f32 {
        let (a, b) = (a as usize, b as usize);
        let couplings =
            if self.table.is_empty() { self.machine.connectivity.distance(a, b) } else { self.table[a * self.holder.len() + b] };
        self.worth[usize::from(couplings).min(self.worth.len() - 1)]
    }

    fn weigh_distances(&mut self, fade: f32) {
        let longest = self.holder.len().min(TABLE);
        self.worth.clear();
        let (mut sum, mut step) = (0.0, 1.0);
        for distance in 0..=longest {
            self.worth.push(sum);
            sum += step;
            if distance > 0 {
                step = (step * fade).max(0.01);
            }
        }
    }

    /// Does what can be done; whether anything was.
    fn advance(&mut self) -> bool {
        let order = self.order;
        let mut progress = false;
        while let Some(index) = self.ready.pop() {
            let at = index as usize;
            if order.late[at] {
                self.late.push(index);
                continue;
            }
            let [a, b] = order.pair[at];
            if a != NONE {
                let (p, q) = (self.place[a as usize], self.place[b as usize]);
                if self.distance(p, q) != 1.0 {
                    self.front.push(index);
                    continue;
                }
                self.block(p, q, order.gates[at], order.joins[at]);
            } else if !order.joins[at] {
                for &qubit in order.qubits(at) {
                    self.open[self.place[qubit as usize] as usize] = CLOSED;
                }
            }
            progress = true;
            self.work += 1;
            self.routed.steps.push(Step::Item(index));
            for &next in order.after(at) {
                self.waiting[next as usize] -= 1;
                if self.waiting[next as usize] == 0 {
                    self.ready.push(next);
                }
            }
        }
        progress
    }

    /// Whether the last block on two coupled qubits is one on both.
    fn shared(&self, p: u32, q: u32) -> Option<Open> {
        let open = self.open[p as usize];
        (open.with == q && self.open[q as usize].with == p).then_some(open)
    }

    /// Notes a block on coupled qubits.
    fn block(&mut self, p: u32, q: u32, gates: [f32; 2], joins: bool) {
        let mut open = Open { with: q, gates, swap: false };
        let mut more = gates[0];
        if let (Some(before), true) = (self.shared(p, q), joins) {
            if before.swap {
                // the block takes the swap in
                open.gates = [gates[1], gates[0]];
                more = gates[1] - before.gates[0];
            } else {
                let most = self.swap_gates;
                open.gates = [(before.gates[0] + gates[0]).min(most), (before.gates[1] + gates[0]).min(most)];
                more = open.gates[0] - before.gates[0];
            }
        }
        self.close(p, q, if joins { open } else { CLOSED }, more);
    }

    fn close(&mut self, p: u32, q: u32, open: Open, more: f32) {
        self.open[p as usize] = if open.with == NONE { CLOSED } else { Open { with: q, ..open } };
        self.open[q as usize] = if open.with == NONE { CLOSED } else { Open { with: p, ..open } };
        self.routed.gates += more * self.machine.weight_of(p, q);
        let level = self.level[p as usize].max(self.level[q as usize]) + more;
        (self.level[p as usize], self.level[q as usize]) = (level, level);
    }

    /// Gates that a swap costs here.
    fn price(&self, p: u32, q: u32) -> f32 {
        self.shared(p, q).map_or(self.swap_gates, |open| open.gates[1] - open.gates[0])
    }

    fn swap(&mut self, p: u32, q: u32) {
        self.routed.steps.push(Step::Swap(p, q));
        let price = self.price(p, q);
        let open = match self.shared(p, q) {
            Some(open) => Open { gates: [open.gates[1], open.gates[0]], swap: false, ..open },
            None => Open { with: q, gates: [self.swap_gates, 0.0], swap: true },
        };
        self.close(p, q, open, price);
        self.holder.swap(p as usize, q as usize);
        for physical in [p, q] {
            let qubit = self.holder[physical as usize];
            if qubit != NONE {
                self.place[qubit as usize] = physical;
            }
            self.decay[physical as usize] += DECAY;
        }
        // only blocks on these two qubits can have become possible
        for physical in [p, q] {
            let qubit = self.holder[physical as usize];
            if qubit != NONE {
                self.release(qubit);
            }
        }
    }

    /// Takes the blocks of a qubit whose qubits have met out of the front.
    fn release(&mut self, qubit: u32) {
        let order = self.order;
        let mut at = 0;
        while let Some(&index) = self.front.get(at) {
            let [a, b] = order.pair[index as usize];
            if (a != qubit && b != qubit) || self.distance(self.place[a as usize], self.place[b as usize]) != 1.0 {
                at += 1;
                continue;
            }
            self.front.swap_remove(at);
            self.ready.push(index);
        }
    }

    /// Walks the nearest pair of the front together.
    fn walk_nearest(&mut self) {
        let at = |router: &Self, index: u32| router.order.pair[index as usize].map(|qubit| router.place[qubit as usize]);
        let nearest = self.front.iter().copied().min_by_key(|&index| {
            let [p, q] = at(self, index);
            self.machine.connectivity.distance(p as usize, q as usize)
        });
        let [mut p, q] = at(self, nearest.expect("the front is not empty"));
        while self.distance(p, q) > 1.0 {
            let toward = |next: &&usize| self.machine.connectivity.distance(**next, q as usize);
            let next = *self.neighbours[p as usize].iter().min_by_key(toward).expect("connected qubits have neighbours");
            self.swap(p, next as u32);
            p = next as u32;
        }
    }

    /// Chooses the blocks of the front that draw.
    fn choose_first(&mut self) {
        let order = self.order;
        for [a, b] in self.first.drain(..) {
            self.first_of[a as usize].clear();
            self.first_of[b as usize].clear();
        }
        let mut front = std::mem::take(&mut self.front);
        match self.drawn {
            Front::All => {}
            Front::Earliest => front.sort_unstable(),
            Front::Nearest => front.sort_unstable_by_key(|&index| {
                let [p, q] = order.pair[index as usize].map(|qubit| self.place[qubit as usize]);
                (self.distance(p, q) as u32, index)
            }),
        }
        for &index in &front {
            let [a, b] = order.pair[index as usize];
            let free = self.first_of[a as usize].is_empty() && self.first_of[b as usize].is_empty();
            if free || self.drawn == Front::All {
                self.first_of[a as usize].push(b);
                self.first_of[b as usize].push(a);
                self.first.push([a, b]);
            }
        }
        self.front = front;
    }

    /// Finds the pairs that follow: the others of the front, and what waits for it.
    fn look_ahead(&mut self, wanted: usize) {
        let order = self.order;
        for [a, b] in self.ahead.drain(..) {
            self.ahead_of[a as usize].clear();
            self.ahead_of[b as usize].clear();
        }
        self.queue.clear();
        self.queue.extend(&self.front);
        for &index in &self.front {
            let [a, b] = order.pair[index as usize];
            if !self.first_of[a as usize].contains(&b) && self.ahead.len() < wanted {
                self.ahead.push([a, b]);
                self.ahead_of[a as usize].push(b);
                self.ahead_of[b as usize].push(a);
            }
        }
        let mut next = 0;
        self.work += self.front.len() as u64;
        while next < self.queue.len() && self.ahead.len() < wanted && next < 10 * wanted + self.front.len() {
            let index = self.queue[next] as usize;
            next += 1;
            for &later in order.after(index) {
                self.waiting[later as usize] -= 1;
                self.touched.push(later);
                if self.waiting[later as usize] == 0 {
                    self.queue.push(later);
                    let [a, b] = order.pair[later as usize];
                    if a != NONE && self.ahead.len() < wanted {
                        self.ahead.push([a, b]);
                        self.ahead_of[a as usize].push(b);
                        self.ahead_of[b as usize].push(a);
                    }
                }
            }
        }
        for later in self.touched.drain(..) {
            self.waiting[later as usize] += 1;
        }
    }

    /// How much farther apart the partners of two physical qubits are after a swap: in the front, and beyond it.
    fn change(&self, p: u32, q: u32) -> (f32, f32) {
        let (mut front, mut ahead) = (0.0, 0.0);
        for (from, to) in [(p, q), (q, p)] {
            let qubit = self.holder[from as usize];
            if qubit == NONE {
                continue;
            }
            let farther = |other: u32| {
                let at = self.place[other as usize];
                // a partner that moves the other way stays as far
                if at == to { 0.0 } else { self.far(to, at) - self.far(from, at) }
            };
            front += self.first_of[qubit as usize].iter().map(|&other| farther(other)).sum::<f32>();
            ahead += self.ahead_of[qubit as usize].iter().map(|&other| farther(other)).sum::<f32>();
        }
        (front, ahead)
    }

    fn best_swap(&mut self, taste: &Taste, numbers: &mut Stream) -> [u32; 2] {
        self.candidates.clear();
        let mut latest: f32 = 0.0;
        for qubit in self.first.iter().copied().flatten() {
            if std::mem::replace(&mut self.met[qubit as usize], true) {
                continue;
            }
            let p = self.place[qubit as usize];
            latest = latest.max(self.level[p as usize]);
            for &q in &self.neighbours[p as usize] {
                let q = q as u32;
                // a swap between two qubits of the front is met twice
                let other = self.holder[q as usize];
                if q > p || other == NONE || self.first_of[other as usize].is_empty() {
                    self.candidates.push([p, q]);
                }
            }
        }
        self.first.iter().flatten().for_each(|&qubit| self.met[qubit as usize] = false);
        let ahead_scale = taste.ahead_weight / self.ahead.len().max(1) as f32;
        let mut least = f32::INFINITY;
        self.tied.clear();
        self.work += self.candidates.len() as u64;
        for &[p, q] in &self.candidates {
            let (front, ahead) = self.change(p, q);
            let weight = self.machine.weight_of(p, q);
            let tired = self.decay[p as usize].max(self.decay[q as usize]) - 1.0;
            let late = self.level[p as usize].max(self.level[q as usize]) - latest;
            let score = front
                + ahead * ahead_scale
                + taste.price * self.price(p, q) * weight / self.swap_gates
                + taste.depth * late
                + tired;
            if score < least - TIED {
                least = score;
                self.tied.clear();
                self.tied.push([p, q]);
            } else if score <= least + TIED {
                self.tied.push([p, q]);
            }
        }
        self.tied[numbers.below(self.tied.len())]
    }
}
