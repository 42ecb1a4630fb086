//! Circles in a graph, found without recursion (Tarjan's strongly connected components).

use std::collections::VecDeque;

/// From each node the nodes that it leads to.
#[derive(Default)]
pub(crate) struct Edges {
    targets: Vec<usize>,
    /// Where the targets of each node end.
    ends: Vec<usize>,
}

impl Edges {
    /// Adds the next node, which leads to `targets`.
    pub(crate) fn push(&mut self, targets: impl IntoIterator<Item = usize>) {
        self.targets.extend(targets);
        self.ends.push(self.targets.len());
    }

    /// The number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// What `node` leads to.
    pub(crate) fn of(&self, node: usize) -> &[usize] {
        let start = node.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.targets[start..self.ends[node]]
    }
}

/// One circle for each strongly connected component: the nodes on a shortest way from its least
/// node back to it.
pub(crate) fn cycles(edges: &Edges) -> Vec<Vec<usize>> {
    let (component, sizes) = components(edges);
    let mut seen = vec![false; sizes.len()];
    let mut previous = vec![None; edges.len()];
    let mut cycles = Vec::new();
    for node in 0..edges.len() {
        let turns = sizes[component[node]] > 1 || edges.of(node).contains(&node);
        if turns && !std::mem::replace(&mut seen[component[node]], true) {
            cycles.extend(way_back(edges, &component, node, &mut previous));
        }
    }
    cycles
}

/// The nodes from `start` to one that leads back to it, inside its component.
fn way_back(
    edges: &Edges,
    component: &[usize],
    start: usize,
    previous: &mut [Option<usize>],
) -> Option<Vec<usize>> {
    let mut waiting = VecDeque::from([start]);
    while let Some(node) = waiting.pop_front() {
        for &next in edges.of(node).iter().filter(|next| component[**next] == component[start]) {
            if next == start {
                let back = std::iter::successors(Some(node), |node| {
                    if *node == start { None } else { previous[*node] }
                });
                let mut way: Vec<usize> = back.collect();
                way.reverse();
                return Some(way);
            }
            if previous[next].is_none() {
                previous[next] = Some(node);
                waiting.push_back(next);
            }
        }
    }
    None
}

/// For each node the number of its component, and for each component its size.
pub(crate) fn components(edges: &Edges) -> (Vec<usize>, Vec<usize>) {
    const UNSEEN: usize = usize::MAX;
    let mut component = vec![UNSEEN; edges.len()];
    let mut sizes = Vec::new();
    let mut order = vec![UNSEEN; edges.len()];
    let mut lowest = vec![0; edges.len()];
    let mut next_order = 0;
    let mut open = Vec::new();
    let mut path: Vec<(usize, usize)> = Vec::new();
    for start in 0..edges.len() {
        if order[start] != UNSEEN {
            continue;
        }
        path.push((start, 0));
        while let Some((node, edge)) = path.pop() {
            if edge == 0 {
                order[node] = next_order;
                lowest[node] = next_order;
                next_order += 1;
                open.push(node);
            }
            if let Some(&next) = edges.of(node).get(edge) {
                path.push((node, edge + 1));
                if order[next] == UNSEEN {
                    path.push((next, 0));
                } else if component[next] == UNSEEN {
                    lowest[node] = lowest[node].min(order[next]);
                }
                continue;
            }
            if let Some(&(above, _)) = path.last() {
                lowest[above] = lowest[above].min(lowest[node]);
            }
            if lowest[node] == order[node] {
                let first = open.iter().rposition(|open| *open == node).unwrap_or(0);
                sizes.push(open.len() - first);
                for member in open.drain(first..) {
                    component[member] = sizes.len() - 1;
                }
            }
        }
    }
    (component, sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_shortest_circle_for_each_component() {
        let edges = |lists: &[&[usize]]| {
            let mut edges = Edges::default();
            lists.iter().for_each(|list| edges.push(list.iter().copied()));
            edges
        };
        assert_eq!(cycles(&edges(&[&[1], &[2], &[]])), Vec::<Vec<usize>>::new());
        assert_eq!(cycles(&edges(&[&[0]])), [[0]]);
        assert_eq!(cycles(&edges(&[&[1], &[2, 3], &[0], &[2]])), [vec![0, 1, 2]]);
        assert_eq!(cycles(&edges(&[&[1], &[2], &[1, 3], &[4], &[3, 4]])), [vec![1, 2], vec![3, 4]]);
    }

    #[test]
    fn long_ways_need_no_stack() {
        let mut edges = Edges::default();
        (1..=200_000).for_each(|next| edges.push([next % 200_000]));
        assert_eq!(cycles(&edges)[0].len(), 200_000);
    }
}
