package payments

import (
	"testing"
	"time"
)

func TestWhatIsMovedNext(t *testing.T) {
	done := time.Now()
	put := func(n, amount int64) transit { return transit{Number: n, Kind: Put, Amount: amount, DoneAt: &done} }
	pull := func(n, amount, of int64) transit {
		return transit{Number: n, Kind: Pull, Amount: amount, Reverses: of, DoneAt: &done}
	}
	asked := func(m transit) transit { m.DoneAt = nil; return m }
	// Of 100.00 the fee is 12.00, VAT included.
	paid := func(separate bool, pulled, back int64) *Payment {
		return &Payment{ID: "p", Separate: separate, Received: 100_00, FeeWithheld: true, Fee: 10_00, VAT: 2_00, Pulled: pulled, TakenBack: back}
	}
	for _, test := range []struct {
		story   string
		payment *Payment
		moved   []transit
		refunds []Refund
		want    movement
	}{
		{"with the charge it is there", paid(false, 0, 0), nil, nil, movement{kind: Put}},
		{"by the platform all of it is lacking", paid(true, 100_00, 0), nil, nil, movement{Put, 100_00, 12_00, 0}},
		{"less what went back before", paid(true, 100_00, 40_00), nil, nil, movement{Put, 60_00, 7_20, 0}},
		{"or nothing, where all did", paid(true, 100_00, 100_00), nil, nil, movement{kind: Put}},
		{"one that was only asked for counts for nothing", paid(true, 100_00, 0), []transit{asked(put(1, 100_00))}, nil, movement{Put, 100_00, 12_00, 0}},
		{"a chargeback takes it back", paid(true, 0, 100_00), []transit{put(1, 100_00)}, nil, movement{Pull, 100_00, 12_00, 1}},
		{"out of the latest transfer first", paid(true, 0, 100_00), []transit{put(1, 100_00), pull(2, 40_00, 1), put(3, 40_00)}, nil, movement{Pull, 40_00, 4_80, 3}},
		{"and then out of the one before", paid(true, 40_00, 100_00), []transit{put(1, 100_00), pull(2, 40_00, 1), put(3, 40_00), pull(4, 40_00, 3)}, nil, movement{Pull, 60_00, 7_20, 1}},
		{"the usual way: out of what the charge brought", paid(false, 0, 100_00), nil, nil, movement{Pull, 100_00, 12_00, 0}},
		{"won, it is put in again", paid(false, 100_00, 0), []transit{pull(1, 100_00, 0)}, nil, movement{Put, 100_00, 12_00, 0}},
		{"lost after all, out of that", paid(false, 0, 100_00), []transit{pull(1, 100_00, 0), put(2, 100_00)}, nil, movement{Pull, 100_00, 12_00, 2}},
		{"a refund took its part along", paid(false, 30_00, 100_00), nil, []Refund{{PaymentID: "p", Amount: 30_00, Pulled: true}}, movement{Pull, 70_00, 8_40, 0}},
		{"and came back, so that it lies in two", paid(false, 0, 100_00), []transit{put(1, 30_00)}, []Refund{{PaymentID: "p", Amount: 30_00, Pulled: true}}, movement{Pull, 30_00, 3_60, 1}},
	} {
		if got := nextMovement(test.payment, test.moved, test.refunds); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.story, got, test.want)
		}
	}
}
