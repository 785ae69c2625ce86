package sandbox

import "net/http"

type balanceState struct {
	Owner    string `json:"owner"`
	Currency string `json:"currency"`
	Bucket   string `json:"bucket"`
	Amount   int64  `json:"amount"`
}

func (x *site) booksNow() []balanceState {
	rows := []balanceState{}
	for _, b := range x.Books() {
		rows = append(rows, balanceState{b.Owner, b.Currency, b.Bucket, b.Amount})
	}
	return rows
}

func (x *site) getBooks(*http.Request, asked) (any, error) {
	return map[string]any{"platform": x.PlatformID(), "books": x.booksNow()}, nil
}

type violationState struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
}

type invariantState struct {
	OK         bool             `json:"ok"`
	Violations []violationState `json:"violations"`
}

func (x *site) invariantsNow() invariantState {
	state := invariantState{OK: true, Violations: []violationState{}}
	for _, v := range x.Invariants() {
		state.OK = false
		state.Violations = append(state.Violations, violationState(v))
	}
	return state
}

func (x *site) getInvariants(*http.Request, asked) (any, error) { return x.invariantsNow(), nil }
