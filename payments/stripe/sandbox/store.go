package sandbox

// record is what every stored object can say of itself.
type record interface {
	identity() (id string, created int64)
}

// table keeps the objects of one noun in the order of their making.
type table[T record] struct {
	rows []T
	at   map[string]int
}

func (t *table[T]) add(row T) {
	if t.at == nil {
		t.at = map[string]int{}
	}
	id, _ := row.identity()
	t.at[id] = len(t.rows)
	t.rows = append(t.rows, row)
}

func (t *table[T]) get(id string) (row T, found bool) {
	i, found := t.at[id]
	if found {
		row = t.rows[i]
	}
	return row, found
}

// place is where a row stands, -1 for one that is not there.
func (t *table[T]) place(id string) int {
	if i, found := t.at[id]; found {
		return i
	}
	return -1
}

// tenant is one Stripe account and everything that it alone can see.
type tenant struct {
	id   string
	self *account

	customers      table[*customer]
	paymentMethods table[*paymentMethod]
	intents        table[*paymentIntent]
	setups         table[*setupIntent]
	attempts       table[*setupAttempt]
	mandates       table[*mandate]
	sessions       table[*checkoutSession]
	products       table[*product]
	prices         table[*price]
	charges        table[*charge]
	refunds        table[*refund]
	disputes       table[*dispute]
	transfers      table[*transfer]
	fees           table[*applicationFee]
	rows           table[*balanceTransaction]
	payouts        table[*payout]
	events         table[*event]
	endpoints      table[*webhookEndpoint]

	// Indexes over the tables above, in order of making.
	methodsOf  map[string][]*paymentMethod // by customer
	chargesOf  map[string][]*charge        // by payment intent
	refundsOf  map[string][]*refund        // by charge
	disputesOf map[string]*dispute         // by charge
	intentsOf  map[string][]*paymentIntent // by customer
	rowsOf     map[string][]*balanceTransaction
	unpaid     []*balanceTransaction       // in no automatic payout yet
	sessionsOf map[string]*checkoutSession // by payment or setup intent
	currencies map[string]bool             // of the money that ever moved here
	forgotten  int                         // events past their 30 days, from the front
}

func (s *Sandbox) newTenant(id string) *tenant {
	t := &tenant{
		id:         id,
		methodsOf:  map[string][]*paymentMethod{},
		chargesOf:  map[string][]*charge{},
		refundsOf:  map[string][]*refund{},
		disputesOf: map[string]*dispute{},
		intentsOf:  map[string][]*paymentIntent{},
		rowsOf:     map[string][]*balanceTransaction{},
		sessionsOf: map[string]*checkoutSession{},
		currencies: map[string]bool{},
	}
	s.tenants[id] = t
	return t
}
