package sandbox

import "slices"

// moves is the life of one kind of object: which state may follow which. What
// is not listed cannot happen; the engine records an attempt as a violation.
type moves map[string][]string

var intentMoves = moves{
	"":                        {"requires_payment_method", "requires_confirmation"},
	"requires_payment_method": {"requires_confirmation", "requires_action", "processing", "requires_capture", "succeeded", "canceled"},
	"requires_confirmation":   {"requires_payment_method", "requires_action", "processing", "requires_capture", "succeeded", "canceled"},
	"requires_action":         {"requires_payment_method", "requires_confirmation", "processing", "requires_capture", "succeeded", "canceled"},
	"processing":              {"requires_payment_method", "requires_capture", "succeeded", "canceled"},
	"requires_capture":        {"succeeded", "canceled"},
	// succeeded and canceled are final.
}

var setupMoves = moves{
	"":                        {"requires_payment_method", "requires_confirmation"},
	"requires_payment_method": {"requires_confirmation", "requires_action", "processing", "succeeded", "canceled"},
	"requires_confirmation":   {"requires_payment_method", "requires_action", "processing", "succeeded", "canceled"},
	"requires_action":         {"requires_payment_method", "requires_confirmation", "processing", "succeeded", "canceled"},
	"processing":              {"requires_payment_method", "succeeded"},
}

var sessionMoves = moves{
	"":     {"open"},
	"open": {"complete", "expired"},
}

var sessionPaymentMoves = moves{
	"":       {"unpaid", "no_payment_required"},
	"unpaid": {"paid"},
}

var chargeMoves = moves{
	"":        {"pending", "succeeded", "failed"},
	"pending": {"succeeded", "failed"},
}

var refundMoves = moves{
	"":                {"pending", "requires_action", "succeeded"},
	"pending":         {"succeeded", "failed", "canceled", "requires_action"},
	"requires_action": {"pending", "canceled", "failed"},
	"succeeded":       {"failed"}, // a bank may send the money back days later
}

// An inquiry (warning_) moves no money; it can become a dispute that does.
var disputeMoves = moves{
	"":                       {"warning_needs_response", "needs_response", "lost"},
	"warning_needs_response": {"warning_under_review", "warning_closed", "needs_response"},
	"warning_under_review":   {"warning_closed", "needs_response"},
	"needs_response":         {"under_review", "won", "lost"},
	"under_review":           {"won", "lost"},
	"lost":                   {"won"}, // a bank may still change its mind
}

var accountMoves = moves{
	"":           {"new"},
	"new":        {"due", "enabled", "rejected"},
	"due":        {"enabled", "restricted", "rejected"},
	"enabled":    {"restricted", "rejected", "due"},
	"restricted": {"enabled", "rejected"},
}

var setupAttemptMoves = moves{
	"":                {"requires_action", "processing", "succeeded", "failed"},
	"requires_action": {"succeeded", "failed", "abandoned"},
	"processing":      {"succeeded", "failed"},
}

// allow reports whether to may follow from.
func (m moves) allow(from, to string) bool { return slices.Contains(m[from], to) }

// final reports whether nothing follows a state.
func (m moves) final(state string) bool { return len(m[state]) == 0 }

// move is the one door through which a state changes.
func (s *Sandbox) move(table moves, id string, state *string, to string) {
	if *state == to {
		return
	}
	if !table.allow(*state, to) {
		s.violate("state", "%s moved from %q to %q, which its life does not allow", id, *state, to)
	}
	*state = to
}
