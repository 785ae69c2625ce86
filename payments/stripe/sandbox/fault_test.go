package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

func (w *world) customers() int {
	_, answer := w.raw(http.MethodGet, "/v1/customers", "limit=100")
	return len(answer["data"].([]any))
}

func (w *world) fault(f sandbox.Fault) {
	w.Helper()
	f.Path, f.Method = "/v1/customers", http.MethodPost
	if _, err := w.box.AddFault(f); err != nil {
		w.Fatal(err)
	}
}

func yes() *bool { b := true; return &b }

func TestFaultsOfCalls(t *testing.T) {
	for _, row := range []struct {
		name  string
		fault sandbox.Fault
		made  int // customers there, after one failed call without retries
	}{
		{"cut before", sandbox.Fault{Kind: sandbox.DropBefore}, 0},
		{"cut after", sandbox.Fault{Kind: sandbox.DropAfter}, 1},
		{"500", sandbox.Fault{Kind: sandbox.Status, Status: 500}, 0},
		{"500 after all was done", sandbox.Fault{Kind: sandbox.Status, Status: 500, After: true}, 1},
		{"503", sandbox.Fault{Kind: sandbox.Status, Status: 503}, 0},
		{"429", sandbox.Fault{Kind: sandbox.Status, Status: 429, Code: "lock_timeout"}, 0},
		{"409", sandbox.Fault{Kind: sandbox.Status, Status: 409}, 0},
		{"half a body", sandbox.Fault{Kind: sandbox.Truncated}, 1},
		{"no JSON", sandbox.Fault{Kind: sandbox.Garbage}, 1},
		{"a proxy's page", sandbox.Fault{Kind: sandbox.HTMLBody}, 1},
		{"hanging", sandbox.Fault{Kind: sandbox.Hang, Delay: time.Millisecond}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.fault(row.fault)
			_, err := w.api.Customers.New(&stripe.CustomerParams{Name: stripe.String("A")})
			if (err == nil) != (row.fault.Kind == sandbox.Hang) {
				t.Errorf("the client was told %v", err)
			}
			if got := w.customers(); got != row.made {
				t.Errorf("%d customers, not %d", got, row.made)
			}
		})
	}
}

// The official client tries again with its own key: one effect, whatever the
// first answer was.
func TestRetriesActOnce(t *testing.T) {
	for name, f := range map[string]sandbox.Fault{
		"cut before":          {Kind: sandbox.DropBefore, Count: 1},
		"cut after":           {Kind: sandbox.DropAfter, Count: 1},
		"503":                 {Kind: sandbox.Status, Status: 503, Count: 1},
		"409":                 {Kind: sandbox.Status, Status: 409, Count: 1},
		"500, told to retry":  {Kind: sandbox.Status, Status: 500, ShouldRetry: yes(), Count: 1},
		"429, a lock timeout": {Kind: sandbox.Status, Status: 429, Code: "lock_timeout", ShouldRetry: yes(), Count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.fault(f)
			api := w.clientWith(2)
			x, err := api.Customers.New(&stripe.CustomerParams{Name: stripe.String("A")})
			if err != nil || x.ID == "" || w.customers() != 1 {
				t.Errorf("%v, %d customers", err, w.customers())
			}
		})
	}
	t.Run("unless the key is taken for a new one", func(t *testing.T) {
		w := newWorld(t)
		w.fault(sandbox.Fault{Kind: sandbox.DropAfter, Count: 1})
		w.fault(sandbox.Fault{Kind: sandbox.ReplayExpired, Count: 1})
		api := w.clientWith(2)
		if _, err := api.Customers.New(&stripe.CustomerParams{Name: stripe.String("A")}); err != nil || w.customers() != 2 {
			t.Errorf("%v, %d customers", err, w.customers())
		}
	})
}

func TestRulesMatchWhatTheySay(t *testing.T) {
	w := newWorld(t)
	w.fault(sandbox.Fault{Kind: sandbox.Status, Status: 500, Nth: 2, Metadata: map[string]string{"unlucky": "yes"}})
	call := func(unlucky string) int {
		r, _ := w.raw(http.MethodPost, "/v1/customers", "metadata[unlucky]="+unlucky)
		return r.StatusCode
	}
	for i, want := range []int{200, 200, 500, 200} {
		unlucky := "yes"
		if i == 1 {
			unlucky = "no"
		}
		if got := call(unlucky); got != want {
			t.Errorf("call %d: %d", i, got)
		}
	}
	w.box.ClearFaults()
	if _, err := w.box.AddFault(sandbox.Fault{Kind: "no_such"}); err == nil {
		t.Error("a fault that does not exist was taken")
	}
	if _, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.Status, Status: 200}); err == nil {
		t.Error("a success was taken for a fault")
	}
	// By chance, but by the seed's chance.
	tell := func() (told string) {
		w := newWorld(t)
		w.fault(sandbox.Fault{Kind: sandbox.Status, Status: 500, Probability: 0.5})
		for range 40 {
			r, _ := w.raw(http.MethodPost, "/v1/customers", "name=A")
			told += string(rune('0' + r.StatusCode/100))
		}
		return told
	}
	one := tell()
	if one != tell() {
		t.Error("the same seed drew differently")
	}
	failed := 0
	for _, b := range one {
		if b == '5' {
			failed++
		}
	}
	if failed < 10 || failed > 30 {
		t.Errorf("half the calls should fail; %d of 40 did", failed)
	}
}

func TestReadsMayLag(t *testing.T) {
	w := newWorld(t)
	if _, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, Delay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	x := w.customer()
	if r, _ := w.raw(http.MethodGet, "/v1/customers/"+x.ID, ""); r.StatusCode != 404 {
		t.Errorf("what was just made is there already: %d", r.StatusCode)
	}
	if err := w.box.Advance(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	must[*stripe.Customer](w)(w.api.Customers.Update(x.ID, &stripe.CustomerParams{Name: stripe.String("New")}))
	if got := must[*stripe.Customer](w)(w.api.Customers.Get(x.ID, nil)); got.Name != "Ada Morel" {
		t.Errorf("too soon: %s", got.Name)
	}
	if err := w.box.Advance(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := must[*stripe.Customer](w)(w.api.Customers.Get(x.ID, nil)); got.Name != "New" {
		t.Errorf("still the old one: %s", got.Name)
	}
}
