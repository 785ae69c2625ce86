package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

type clockState struct {
	Now     time.Time `json:"now"`
	Follows bool      `json:"follows"` // it moves by itself, beside being moved
}

func (x *site) getClock(*http.Request, asked) (any, error) {
	return clockState{Now: x.Now(), Follows: x.options.Now != nil}, nil
}

func (x *site) moveClock(r *http.Request, a asked) (any, error) {
	by, to := a.text("advance"), a.text("now")
	switch {
	case (by == "") == (to == ""):
		return nil, errors.New("give either advance or now")
	case by != "":
		span, err := parseSpan(by)
		if err != nil {
			return nil, err
		}
		if err := x.Advance(span); err != nil {
			return nil, err
		}
	default:
		instant, err := time.Parse(time.RFC3339, to)
		if err != nil {
			return nil, fmt.Errorf("a moment is written 2026-01-05T09:00:00Z, not %q", to)
		}
		if instant.Sub(x.Now()) > longestSpan {
			return nil, errors.New("the clock can be moved by twenty years at most")
		}
		if err := x.SetClock(instant); err != nil {
			return nil, err
		}
	}
	return x.getClock(r, a)
}

func (x *site) settle(*http.Request, asked) (any, error) {
	return map[string]int{"settled": x.Settle()}, nil
}

func (x *site) reset(r *http.Request, a asked) (any, error) {
	x.Reset()
	return x.getClock(r, a)
}
