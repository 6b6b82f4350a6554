//! `ToolRL`'s score (arXiv 2504.13958), as the share of its maximum that it reaches.
//!
//! `(J(names) + sum over matched calls of (J(parameter names) + equal values)) / (1 + sum over R of (1 + parameters))`
//! with J the Jaccard index of multisets, 1 for two equal lists. The reference's calls choose in order, each the unused
//! call of the same tool with the greatest contribution, the earliest of equal ones.

use crate::align::relation::Relation;

pub(super) fn score(relation: &Relation<'_>) -> f64 {
    let most: usize = (0..relation.teachers()).map(|teacher| 1 + relation.parameters(teacher)).sum();
    let chosen = choose(relation);
    let total = chosen.iter().fold(names(relation), |total, (contribution, _)| total + contribution);
    total / (1 + most) as f64
}

/// The contribution of each of the reference's calls, and the student's call that made it.
pub(super) fn choose(relation: &Relation<'_>) -> Vec<(f64, Option<usize>)> {
    let mut used = vec![false; relation.students()];
    let mut choose_for = |teacher: usize| {
        let most = 1.0 + relation.parameters(teacher) as f64;
        let mut best = (0.0, None);
        for (student, used) in used.iter().enumerate() {
            if *used || !relation.same_tool(student, teacher) {
                continue;
            }
            let (shared, equal) = relation.contribution(student, teacher);
            if shared + equal > best.0 {
                best = (shared + equal, Some(student));
                if best.0 >= most {
                    break;
                }
            }
        }
        if let Some(student) = best.1 {
            used[student] = true;
        }
        best
    };
    (0..relation.teachers()).map(&mut choose_for).collect()
}

/// The Jaccard index of the two multisets of tool names.
fn names(relation: &Relation<'_>) -> f64 {
    let (student, teacher) = (&relation.student.side.names, &relation.teacher.side.names);
    let mut counts = vec![0_u32; relation.names()];
    for &name in teacher {
        counts[name as usize] += 1;
    }
    let mut both = 0;
    for &name in student {
        // A name that the references do not have is beyond their count.
        if let Some(count) = counts.get_mut(name as usize)
            && *count > 0
        {
            *count -= 1;
            both += 1;
        }
    }
    let union = student.len() + teacher.len() - both;
    if union == 0 { 1.0 } else { both as f64 / union as f64 }
}
