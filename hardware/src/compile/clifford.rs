//! Clifford gates on three qubits, made anew with the fewest gates.

use std::collections::HashMap;
use std::sync::LazyLock;

use qloom_circuits::synthesis::{self, weyl};
use qloom_circuits::{Matrix, Pauli, PauliString};
use smallvec::SmallVec;

use super::item::Item;

/// How many items ahead a window reaches.
const WINDOW: usize = 60;

/// Images of X and Z of each of three qubits: bits `2q` and `2q + 1` say whether there is X and whether there is Z on qubit `q`. Signs are
/// not kept: they are Pauli gates.
type Images = [u8; 6];

const IDENTITY: Images = [1, 2, 4, 8, 16, 32];

/// A Pauli controlled by another one: a cz between one-qubit gates, and its own inverse.
#[derive(Clone, Copy)]
struct Step {
    qubits: [usize; 2],
    paulis: [Pauli; 2],
}

impl Step {
    fn all(pairs: &[[usize; 2]]) -> Vec<Step> {
        let paulis = || Pauli::ALL[1..].iter();
        let on = |&qubits: &[usize; 2]| paulis().flat_map(move |&a| paulis().map(move |&b| Step { qubits, paulis: [a, b] }));
        pairs.iter().flat_map(on).collect()
    }

    fn matrix(&self) -> Matrix {
        let [a, b] = [0, 1].map(|q: usize| self.paulis[q].matrix().embedded(&[q], 2));
        let sum = Matrix::identity(2).plus(&a).plus(&b).plus(&a.times(&b).scaled((-1.0).into()));
        sum.scaled(0.5.into())
    }

    fn act(&self, images: Images) -> Images {
        let [[p, a], [q, b]] = [0, 1].map(|k: usize| [2 * self.qubits[k], usize::from(bits(self.paulis[k]))]);
        images.map(|image| {
            let turns = |at: usize, pauli: usize| {
                let here = usize::from(image >> at) & 3;
                // they commute unless both are there and differ
                here != 0 && here != pauli
            };
            image ^ if turns(p, a) { (b << q) as u8 } else { 0 } ^ if turns(q, b) { (a << p) as u8 } else { 0 }
        })
    }
}

fn bits(pauli: Pauli) -> u8 {
    let (x, z) = pauli.bits();
    u8::from(x) | u8::from(z) << 1
}

/// The same for all images that differ by one-qubit gates behind them: for each qubit, the three Paulis there, each by the generators whose
/// image does not commute with it.
fn class(images: &Images) -> u64 {
    (0..3).fold(0, |key, q| {
        let row = |bit: usize| (0..6).fold(0u64, |row, k| row | u64::from(images[k] >> bit & 1) << k);
        let (x, z) = (row(2 * q), row(2 * q + 1));
        let mut rows = [x, z, x ^ z];
        rows.sort_unstable();
        key << 12 | rows[0] << 6 | rows[1]
    })
}

/// The fewest steps for each of the 6720 classes.
struct Table {
    steps: Vec<Step>,
    fewest: HashMap<u64, usize>,
}

impl Table {
    fn new(pairs: &[[usize; 2]]) -> Self {
        let steps = Step::all(pairs);
        let mut fewest = HashMap::from([(class(&IDENTITY), 0)]);
        let mut ring = vec![IDENTITY];
        for number in 1.. {
            let mut next = Vec::new();
            for images in ring.iter().flat_map(|images| steps.iter().map(|step| step.act(*images))) {
                fewest.entry(class(&images)).or_insert_with(|| {
                    next.push(images);
                    number
                });
            }
            if next.is_empty() {
                break;
            }
            ring = next;
        }
        Self { steps, fewest }
    }

    fn fewest(&self, images: &Images) -> usize {
        self.fewest[&class(images)]
    }

    /// The fewest steps that undo the images up to one-qubit gates, in order of application.
    fn undo(&self, mut images: Images) -> Vec<Step> {
        let mut taken = Vec::new();
        while self.fewest(&images) > 0 {
            let nearer = |step: &&Step| self.fewest(&step.act(images)) < self.fewest(&images);
            let step = *self.steps.iter().find(nearer).expect("each class but the first was found from a nearer one");
            images = step.act(images);
            taken.push(step);
        }
        taken
    }
}

/// Three qubits in a line.
static LINE: LazyLock<Table> = LazyLock::new(|| Table::new(&[[0, 1], [1, 2]]));
/// Three qubits of which any two meet.
static TRIANGLE: LazyLock<Table> = LazyLock::new(|| Table::new(&[[0, 1], [1, 2], [0, 2]]));

/// A Clifford item on one or two qubits: what it does to X and Z of each, and how many cx it takes.
struct Known {
    action: SmallVec<[u8; 4]>,
    cx: usize,
}

impl Known {
    /// None for what is no Clifford gate.
    fn of(item: &Item) -> Option<Self> {
        let (Item::One { matrix, .. } | Item::Two { matrix, .. }) = item else { return None };
        let n = matrix.num_qubits();
        let back = matrix.adjoint();
        let generators = (0..n).flat_map(|q| [Pauli::X, Pauli::Z].map(|generator| generator.matrix().embedded(&[q], n)));
        let action = generators.map(|g| image(&matrix.times(&g).times(&back))).collect::<Option<SmallVec<[u8; 4]>>>()?;
        let cx = if n == 2 { weyl::decompose(matrix).cx_count() } else { 0 };
        Some(Self { action, cx })
    }
}

/// The Pauli string that a matrix is but for its phase.
fn image(matrix: &Matrix) -> Option<u8> {
    let (string, _) = PauliString::of_matrix(matrix)?;
    Some((0..matrix.num_qubits()).fold(0, |mask, q| mask | bits(string.letter(q)) << (2 * q)))
}

/// The images after an item on these of the three qubits.
fn after(images: Images, action: &[u8], qubits: &[usize]) -> Images {
    images.map(|image| {
        let mut here = 0;
        let mut rest = image;
        for (local, &q) in qubits.iter().enumerate() {
            for bit in 0..2 {
                if image >> (2 * q + bit) & 1 == 1 {
                    here ^= action[2 * local + bit];
                }
            }
            rest &= !(3 << (2 * q));
        }
        qubits.iter().enumerate().fold(rest, |image, (local, &q)| image | (here >> (2 * local) & 3) << (2 * q))
    })
}

/// Items that can stand together on three qubits, and what they do.
struct Window {
    qubits: [usize; 3],
    members: Vec<usize>,
    images: Images,
    /// How many cx its blocks take.
    cx: usize,
}

/// Makes Clifford items on three qubits anew where that takes fewer cx; returns whether there were any. All items stand on coupled pairs and
/// stay there.
pub(super) fn windows(items: &mut Vec<Item>, coupled: impl Fn(usize, usize) -> bool) -> bool {
    let mut found = false;
    let mut known: Vec<Option<Known>> = items.iter().map(Known::of).collect();
    let mut start = 0;
    while start < items.len() {
        let better = thirds(items, &known, start).into_iter().find_map(|qubits| {
            let qubits = line(qubits, &coupled)?;
            let window = window(items, &known, start, qubits);
            let table = if coupled(qubits[0], qubits[2]) { &*TRIANGLE } else { &*LINE };
            (table.fewest(&window.images) < window.cx).then(|| (made(items, &window, table), window))
        });
        let Some((fresh, window)) = better else {
            start += 1;
            continue;
        };
        found = true;
        window.members.iter().for_each(|&member| items[member] = Item::Phase(qloom_circuits::Angle::Fixed(0.0)));
        window.members.iter().for_each(|&member| known[member] = None);
        known.splice(start..start, fresh.iter().map(Known::of));
        items.splice(start..start, fresh);
    }
    found
}

/// The sets of three qubits on which a window may begin with the block at a position: a third qubit comes with a block soon behind it.
fn thirds(items: &[Item], known: &[Option<Known>], start: usize) -> Vec<[usize; 3]> {
    let (Item::Two { qubits: [a, b], .. }, Some(_)) = (&items[start], &known[start]) else { return Vec::new() };
    let mut found: Vec<[usize; 3]> = Vec::new();
    let mut open = [true; 2];
    for (item, known) in items[start + 1..].iter().zip(&known[start + 1..]).take(WINDOW) {
        let qubits = item.qubits();
        for (own, open) in [a, b].into_iter().zip(&mut open) {
            if !*open || !qubits.contains(own) {
                continue;
            }
            let third = qubits.iter().copied().find(|qubit| qubit != a && qubit != b);
            if let (Some(third), Some(_)) = (third, known) {
                found.push([*a, *b, third]);
            }
            *open = known.is_some() && third.is_none();
        }
        if open == [false; 2] {
            break;
        }
    }
    found.dedup();
    found
}

/// The three qubits with one in the middle that is coupled to both others.
fn line([a, b, c]: [usize; 3], coupled: impl Fn(usize, usize) -> bool) -> Option<[usize; 3]> {
    [[a, b, c], [b, c, a], [c, a, b]]
        .into_iter()
        .find(|[first, middle, last]| coupled(*first, *middle) && coupled(*middle, *last))
}

fn window(items: &[Item], known: &[Option<Known>], start: usize, qubits: [usize; 3]) -> Window {
    let mut window = Window { qubits, members: Vec::new(), images: IDENTITY, cx: 0 };
    let mut blocked = [false; 3];
    for index in start..items.len().min(start + WINDOW) {
        let on = items[index].qubits();
        let places: Vec<Option<usize>> = on.iter().map(|qubit| qubits.iter().position(|own| own == qubit)).collect();
        let inside: Option<Vec<usize>> = places.iter().copied().collect();
        match (&known[index], inside) {
            (Some(known), Some(local)) if local.iter().all(|&q| !blocked[q]) => {
                window.images = after(window.images, &known.action, &local);
                window.members.push(index);
                window.cx += known.cx;
            }
            _ => places.iter().flatten().for_each(|&q| blocked[q] = true),
        }
        if blocked == [true; 3] {
            break;
        }
    }
    window
}

/// The items of a window made anew.
fn made(items: &[Item], window: &Window, table: &Table) -> Vec<Item> {
    let place = |qubit: &usize| window.qubits.iter().position(|own| own == qubit).expect("within the window");
    let mut product = Matrix::identity(3);
    for &member in &window.members {
        let (Item::One { matrix, .. } | Item::Two { matrix, .. }) = &items[member] else { continue };
        let local: Vec<usize> = items[member].qubits().iter().map(place).collect();
        product = matrix.embedded(&local, 3).times(&product);
    }
    let steps = table.undo(window.images);
    for step in &steps {
        product = step.matrix().embedded(&step.qubits, 3).times(&product);
    }
    let first = synthesis::factors(&product).into_iter().enumerate();
    let mut fresh: Vec<Item> = first.map(|(q, matrix)| Item::One { qubit: window.qubits[q], matrix }).collect();
    // each step is its own inverse
    fresh.extend(
        steps.iter().rev().map(|step| Item::Two { qubits: step.qubits.map(|q| window.qubits[q]), matrix: step.matrix() }),
    );
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;
    use qloom_circuits::{Gate, Stream};

    fn product(items: &[Item]) -> Matrix {
        items.iter().fold(Matrix::identity(4), |product, item| match item {
            Item::One { matrix, .. } | Item::Two { matrix, .. } => matrix.embedded(&item.qubits(), 4).times(&product),
            Item::Phase(_) => product,
            Item::Rz { .. } | Item::Wall { .. } => panic!("only gates"),
        })
    }

    fn cx(items: &[Item]) -> usize {
        let count = |item: &Item| if let Item::Two { matrix, .. } = item { weyl::decompose(matrix).cx_count() } else { 0 };
        items.iter().map(count).sum()
    }

    /// The Clifford group on three qubits has |Sp(6, 2)| = 1451520 elements but for Paulis, 216 of them of one-qubit gates. A cx of the ends of
    /// a line takes four, the bridge, and a swap of neighbours three.
    #[test]
    fn every_class_is_found() {
        let images = |gate: Gate, qubits: [usize; 2]| {
            let known = Known::of(&Item::Two { qubits, matrix: gate.matrix(&[]) }).expect("a Clifford gate");
            after(IDENTITY, &known.action, &qubits)
        };
        for (table, bridge) in [(&*LINE, 4), (&*TRIANGLE, 1)] {
            assert_eq!(table.fewest.len(), 1_451_520 / 216);
            assert_eq!(table.fewest(&images(Gate::Cx, [0, 2])), bridge);
            assert_eq!(table.fewest(&images(Gate::Swap, [1, 2])), 3);
            assert_eq!(table.fewest(&images(Gate::Iswap, [0, 1])), 2);
        }
    }

    #[test]
    fn random_circuits_are_made_anew() {
        let gates = [Gate::H, Gate::S, Gate::Sx, Gate::Cx, Gate::Cz, Gate::Iswap, Gate::Cx, Gate::T];
        let mut saved = 0;
        for seed in 0..200 {
            let mut numbers = Stream::named(seed, "windows");
            let mut items = Vec::new();
            for _ in 0..20 {
                // some circuits have gates that are no Clifford gates
                let gate = gates[numbers.below(if seed % 4 == 0 { 8 } else { 7 })];
                let first = numbers.below(3);
                let qubits = if numbers.below(2) == 0 { [first, first + 1] } else { [first + 1, first] };
                let matrix = gate.matrix(&[]);
                items.push(match gate.num_qubits() {
                    1 => Item::One { qubit: qubits[0], matrix },
                    _ => Item::Two { qubits, matrix },
                });
            }
            for far in [1, 2] {
                let coupled = |a: usize, b: usize| a.abs_diff(b) <= far;
                let mut fresh = items.clone();
                let found = windows(&mut fresh, coupled);
                assert!(product(&fresh).distance(&product(&items)) < 1e-9, "seed {seed}");
                assert_eq!(found, cx(&fresh) < cx(&items));
                saved += usize::from(found);
                assert!(fresh.iter().filter_map(Item::pair).all(|[a, b]| coupled(a, b)), "seed {seed}");
            }
        }
        assert!(saved > 100, "{saved}");
    }
}
