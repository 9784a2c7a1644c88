//! The Jones polynomial, exactly: two methods, chosen by estimated cost.
//!
//! Both sum the Kauffman bracket over planar matchings: along the braid in the Temperley-Lieb algebra
//! ([`Method::TemperleyLieb`]), or crossing by crossing over a planar diagram ([`Method::Frontier`]).
//! Conventions: `V = (-A^3)^{-w} <D>`, `<unknot> = 1`, `t = A^{-4}`, `t^{1/2} = A^{-2}`.

mod accumulator;
mod frontier;
mod temperley_lieb;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use num_bigint::BigInt;

use crate::braid::{Braid, Closure};
use crate::error::KnotError;
use crate::laurent::Laurent;
use crate::pd::Diagram;
use crate::plat;

/// How the sum is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Along the braid: best for deep braids on few strands.
    TemperleyLieb,
    /// Crossing by crossing over the diagram: best for wide, shallow links, and the way for diagrams without a braid.
    Frontier,
}

/// What a computation may use, and how it tells what it does.
pub struct Limits<'a> {
    /// The most bytes the states may take.
    pub memory_bytes: u64,
    /// Called with crossings done and crossings in all; a break stops the computation.
    pub progress: &'a mut dyn FnMut(usize, usize) -> ControlFlow<()>,
}

impl Limits<'_> {
    /// The same limits for a preparatory run: a stop is still heard, progress restarts afterwards.
    fn quiet(&mut self) -> Limits<'_> {
        Limits { memory_bytes: self.memory_bytes, progress: &mut *self.progress }
    }

    pub(crate) fn report(&mut self, done: usize, total: usize) -> Result<(), KnotError> {
        match (self.progress)(done, total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(KnotError::Stopped),
        }
    }

    /// Refuses a sum of polynomials that would take beyond reason: so many updates of a state, each of a polynomial that grows to `length`
    /// coefficients of `bits` bits.
    fn check_work(&self, method: &'static str, updates: f64, length: usize, bits: f64) -> Result<(), KnotError> {
        // both the length and the size of the coefficients grow along the sum
        let needed = updates * length as f64 * (bits / 64.0).ceil() / 3.0;
        if needed <= MOST_ADDITIONS {
            return Ok(());
        }
        let remedy = "simplify the link, or estimate the value at the fifth root by a random vector";
        Err(KnotError::Work { method, needed, limit: MOST_ADDITIONS, remedy })
    }

    fn check(&self, method: &'static str, needed: u64) -> Result<(), KnotError> {
        if needed <= self.memory_bytes {
            return Ok(());
        }
        let remedy = "simplify the link, try the other method, or allow more memory";
        Err(KnotError::Memory { method, needed, limit: self.memory_bytes, remedy })
    }
}

/// Additions of 64-bit words that a sum may take: about three minutes.
const MOST_ADDITIONS: f64 = 2e11;

/// The result of an exact computation.
#[derive(Clone, Debug, PartialEq)]
pub struct Exact {
    /// The Jones polynomial.
    pub jones: Laurent,
    /// Writhe of the oriented diagram.
    pub writhe: i64,
    /// Number of components.
    pub components: usize,
    /// The method used.
    pub method: Method,
    /// Why it was used, with the estimates compared.
    pub reason: String,
}

/// The bracket as terms (exponent of A, coefficient).
struct Bracket(Vec<(i64, BigInt)>);

impl Bracket {
    fn new<C: accumulator::Coefficient>(polynomial: &accumulator::Polynomial<C>) -> Self {
        Self(polynomial.terms().collect())
    }

    /// `(-A^3)^{-writhe}` times the bracket, in `t`.
    fn jones(self, writhe: i64) -> Laurent {
        let mut terms: Vec<(i64, BigInt)> = self.0.into_iter().map(|(power, c)| (-(power - 3 * writhe) / 2, c)).collect();
        terms.sort_by_key(|(twice, _)| *twice);
        let Some(&(lowest, _)) = terms.first() else { return Laurent::new(0, Vec::new()) };
        let length = terms.last().map_or(0, |(highest, _)| (highest - lowest) / 2) as usize + 1;
        let mut coefficients = vec![BigInt::ZERO; length];
        for (twice, coefficient) in terms {
            coefficients[((twice - lowest) / 2) as usize] = if writhe % 2 == 0 { coefficient } else { -coefficient };
        }
        Laurent::new(lowest, coefficients)
    }
}

/// The Jones polynomial of the closure of a braid.
///
/// # Errors
/// For no strand or an odd number of strands in a plat closure, when memory would not suffice, or when the caller asked to stop.
///
/// ```
/// use qloom_knots::{Braid, Closure, jones_of_braid, Limits};
/// let trefoil: Braid = "1 1 1".parse().unwrap();
/// let mut progress = |_, _| std::ops::ControlFlow::Continue(());
/// let mut limits = Limits { memory_bytes: 1 << 30, progress: &mut progress };
/// let exact = jones_of_braid(&trefoil, Closure::Trace, None, &mut limits).unwrap();
/// assert_eq!(exact.jones.to_string(), "t + t^3 - t^4");
/// ```
pub fn jones_of_braid(
    braid: &Braid,
    closure: Closure,
    method: Option<Method>,
    limits: &mut Limits<'_>,
) -> Result<Exact, KnotError> {
    if braid.strands() == 0 {
        return Err(KnotError::Strands {
            strands: 0,
            reason: "a link has at least one strand; the empty link has no polynomial",
        });
    }
    let diagram = match closure {
        Closure::Trace => Diagram::of_trace_closure(braid),
        Closure::Plat => plat::diagram(braid)?,
    };
    let order = frontier::Order::new(&diagram);
    let along = temperley_lieb_cost(braid);
    let over = FRONTIER_OVERHEAD * order.cost;
    let fits = braid.strands() <= temperley_lieb::MAX_STRANDS;
    let estimates =
        format!("estimated updates: {along:.1e} along the braid, {over:.1e} over the diagram ({} open arcs)", order.width);
    let (method, reason) = match method {
        Some(Method::TemperleyLieb) if !fits => {
            return Err(KnotError::Strands {
                strands: braid.strands(),
                reason: "the Temperley-Lieb sum takes at most 31 strands; use the frontier",
            });
        }
        Some(method) => (method, format!("asked for; {estimates}")),
        None if fits && along <= over => (Method::TemperleyLieb, estimates),
        None => (Method::Frontier, estimates),
    };
    let bracket = match method {
        Method::TemperleyLieb => temperley_lieb::bracket(braid, closure, limits)?,
        Method::Frontier => frontier::bracket(&diagram, &order, limits)?,
    };
    let writhe = diagram.writhe();
    Ok(Exact { jones: bracket.jones(writhe), writhe, components: diagram.components(), method, reason })
}

/// The Jones polynomial of a planar diagram: crossing by crossing, or along the braid that Vogel's algorithm makes of it.
///
/// # Errors
/// When memory would not suffice, the braid has too many strands for the method asked for, or the caller asked to stop.
pub fn jones_of_diagram(diagram: &Diagram, method: Option<Method>, limits: &mut Limits<'_>) -> Result<Exact, KnotError> {
    let exact = without_kinks(&diagram.without_kinks(), method, limits)?;
    // the polynomial is the link's, the writhe is the diagram's
    Ok(Exact { writhe: diagram.writhe(), ..exact })
}

fn without_kinks(diagram: &Diagram, method: Option<Method>, limits: &mut Limits<'_>) -> Result<Exact, KnotError> {
    let order = frontier::Order::new(diagram);
    let over = FRONTIER_OVERHEAD * order.cost;
    // a braid for a diagram that is large already is looked for only on demand
    let wanted = method == Some(Method::TemperleyLieb) || (method.is_none() && over > 1e5 && diagram.crossings().len() <= 1000);
    if wanted {
        let braid = diagram.to_braid()?;
        let along = temperley_lieb_cost(&braid);
        let estimates = format!(
            "estimated updates: {along:.1e} along a braid of {} strands and {} crossings, {over:.1e} over the diagram ({} open arcs)",
            braid.strands(),
            braid.len(),
            order.width
        );
        if method.is_some() || (along <= over && braid.strands() <= temperley_lieb::MAX_STRANDS) {
            let exact = jones_of_braid(&braid, Closure::Trace, Some(Method::TemperleyLieb), limits)?;
            return Ok(Exact { reason: estimates, ..exact });
        }
    }
    let reason = format!("the input is a diagram; estimated updates over it: {over:.1e} ({} open arcs)", order.width);
    let bracket = frontier::bracket(diagram, &order, limits)?;
    let writhe = diagram.writhe();
    Ok(Exact { jones: bracket.jones(writhe), writhe, components: diagram.components(), method: Method::Frontier, reason })
}

/// A frontier update hashes and copies, a Temperley-Lieb one adds in place: measured ratio of their times.
const FRONTIER_OVERHEAD: f64 = 6.0;

/// Updates of the Temperley-Lieb sum: at most Catalan(n) states, at most twice as many after each letter.
fn temperley_lieb_cost(braid: &Braid) -> f64 {
    let n = braid.strands() as f64;
    let catalan = (1..=braid.strands()).fold(1.0f64, |c, k| c * (n + k as f64) / k as f64) / (n + 1.0);
    let mut states = 1.0f64;
    let mut cost = 0.0;
    for _ in braid.letters() {
        states = (states * 1.6).min(catalan);
        cost += states;
    }
    cost
}
