package payments_test

import (
	"context"
	"testing"

	"amiable/payments"
)

// crowded is a gateway of which others ask as well: it takes nothing in for some
// calls.
type crowded struct {
	payments.Gateway
	full int
	keys []string
}

func (g *crowded) ChargeCard(ctx context.Context, c payments.Charge) (payments.Fact, error) {
	g.keys = append(g.keys, c.Key)
	if g.full > 0 {
		g.full--
		return payments.Fact{}, payments.ErrTooFast
	}
	return g.Gateway.ChargeCard(ctx, c)
}

func TestAChargeThatCameTooFastWaitsForItsTurn(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.agreed(2, goodCard)
		g := &crowded{Gateway: w.g, full: 3}
		w.Service = payments.New(w.n, g, "https://portal.example", false)
		w.ChargeAt(1_000_000, 1)
		w.until("2026-10-10")
		w.wantCollected(w.line(2))
		if len(g.keys) != 4 {
			w.t.Fatalf("asked %q", g.keys)
		}
		for _, key := range g.keys { // the same call, under the same key
			if key != g.keys[0] {
				w.t.Errorf("asked %q", g.keys)
			}
		}
		w.ends()
	})
}
