package sandbox

import "strconv"

// Pages have ten rows unless the caller says otherwise, and a hundred at most.
const (
	usualLimit   = 10
	longestLimit = 100
)

// list answers a list call: newest first, by cursor. rows are in the order of
// their making; keep (nil for all) says which of them the caller asked for.
func list[T record](c *call, rows []T, keep func(T) bool) (*page, error) {
	return pageOf(c, rows, func(id string) int { return placeOf(rows, id) }, keep)
}

// listAll is list over a whole table, where a cursor is found at once however
// long the table is.
func listAll[T record](c *call, t *table[T], keep func(T) bool) (*page, error) {
	return pageOf(c, t.rows, t.place, keep)
}

func pageOf[T record](c *call, rows []T, place func(string) int, keep func(T) bool) (*page, error) {
	limit := usualLimit
	if c.form.has("limit") {
		limit = int(c.form.number("limit"))
		if limit < 1 || limit > longestLimit {
			return nil, invalid("limit", "", "This value must be between 1 and %d (inclusive).", longestLimit)
		}
	}
	after, before := c.form.text("starting_after"), c.form.text("ending_before")
	if after != "" && before != "" {
		return nil, invalid("", "", "You cannot parameterize both starting_after and ending_before.")
	}
	p := emptyPage(c.path)
	wanted := func(row T) bool {
		_, created := row.identity()
		return c.createdFits(created) && (keep == nil || keep(row))
	}
	if before != "" {
		at := place(before)
		if at < 0 {
			return nil, noSuch("object", "ending_before", before)
		}
		for i := at + 1; i < len(rows); i++ {
			if !wanted(rows[i]) {
				continue
			}
			if len(p.Data) == limit {
				p.HasMore = true
				break
			}
			p.Data = append(p.Data, rows[i])
		}
		for i, j := 0, len(p.Data)-1; i < j; i, j = i+1, j-1 {
			p.Data[i], p.Data[j] = p.Data[j], p.Data[i]
		}
		return p, nil
	}
	from := len(rows)
	if after != "" {
		if from = place(after); from < 0 {
			return nil, noSuch("object", "starting_after", after)
		}
	}
	for i := from - 1; i >= 0; i-- {
		if !wanted(rows[i]) {
			continue
		}
		if len(p.Data) == limit {
			p.HasMore = true
			break
		}
		p.Data = append(p.Data, rows[i])
	}
	return p, nil
}

func placeOf[T record](rows []T, id string) int {
	for i := len(rows) - 1; i >= 0; i-- {
		if have, _ := rows[i].identity(); have == id {
			return i
		}
	}
	return -1
}

// createdFits judges a row by the created parameter: a moment or a range.
func (c *call) createdFits(created int64) bool {
	return within(c.form.at("created"), created)
}

// within judges a moment by a parameter that is a moment or a range.
func within(when *param, created int64) bool {
	if when == nil {
		return true
	}
	if len(when.keys) == 0 {
		exact, err := strconv.ParseInt(when.value, 10, 64)
		return err == nil && created == exact
	}
	return (!when.has("gt") || created > when.number("gt")) &&
		(!when.has("gte") || created >= when.number("gte")) &&
		(!when.has("lt") || created < when.number("lt")) &&
		(!when.has("lte") || created <= when.number("lte"))
}

// same reports whether an optional filter is absent or equal.
func (c *call) same(name, have string) bool {
	return !c.form.has(name) || c.form.text(name) == have
}
