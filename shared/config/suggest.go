package config

import "strings"

// didYouMean is the end of a message about an unknown name; empty if no name is near.
func didYouMean(name string, names []string) string {
	if near := nearest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// nearest is the name that differs by a typing mistake or two, or empty.
func nearest(name string, names []string) string {
	best, distance := "", 1+max(1, min(len(name)/3, 3))
	for _, candidate := range names {
		if d := edits(strings.ToLower(name), strings.ToLower(candidate)); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// edits counts the insertions, deletions and substitutions between two names
// (Levenshtein's distance, one row at a time). Names of very different length are far.
func edits(a, b string) int {
	if diff := len(a) - len(b); diff > 3 || diff < -3 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitution := diagonal
			if a[i] != b[j] {
				substitution++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitution, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
