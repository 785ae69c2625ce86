// Package payments collects: it opens the gateway's page for a payment, takes
// in what the gateway tells us, records money received elsewhere, and writes
// receipts. What a payment does to a case is decided in package negotiation, in
// the same transaction.
//
// The gateway is never called inside a transaction, and nothing that it says is
// lost: a notification is applied and filed together, or filed with its problem
// and tried again.
package payments

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/google/uuid"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

//go:embed migrations
var migrationFiles embed.FS

// Migrations is the schema of this package; it stands on negotiation's.
var Migrations = database.NewMigrations("payments", migrationFiles)

// Limits of calls to the gateway and of its pages.
const (
	gatewayDeadline  = 15 * time.Second
	returnDeadline   = 3 * time.Second // the return page does not wait longer for an answer
	checkoutLifetime = time.Hour
	checkoutMargin   = 10 * time.Minute // a page that ends sooner is not handed out again
)

// Service is the door to everything in this package.
type Service struct {
	db          *database.DB
	negotiation *negotiation.Service
	gateway     Gateway
	baseURL     string // of the portal, without a slash at its end
	livemode    bool
	offers      []Method // beside what a creditor's account takes
	filed       recent
	twoPersons  int64 // see RefundRules
	byItself    int64

	chargesPerSecond, chargesAtOnce int
}

// New returns a service. baseURL is where the gateway sends people back to.
func New(n *negotiation.Service, gateway Gateway, baseURL string, livemode bool) *Service {
	putOnWorklist(n)
	putInSearch(n)
	return &Service{
		db: n.DB(), negotiation: n, gateway: gateway, baseURL: baseURL, livemode: livemode, offers: []Method{CardMethod}, chargesPerSecond: chargesPerSecond, chargesAtOnce: chargesAtOnce,
	}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// byID returns a payment, read outside any transaction, or a refusal.
func (s *Service) byID(ctx context.Context, id string) (*Payment, error) {
	return s.find(ctx, "id = ?", id)
}

func (s *Service) find(ctx context.Context, where string, value any) (*Payment, error) {
	var found []Payment
	if err := s.db.Read(ctx).Where(where, value).Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("payment %v: %w", value, err)
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// lock reads a payment again inside the transaction that holds its case.
func lock(t *negotiation.Tx, id string) (*Payment, error) {
	var p Payment
	if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("payment %s: %w", id, err)
	}
	return &p, nil
}

// selectPayment reads the payment with a value in a column that is unique.
func selectPayment(column, value string, into *[]Payment) database.Statement {
	return database.Statement{
		SQL: "SELECT " + database.Columns[Payment]("") + " FROM payments WHERE " + column + " = ?", Args: []any{value}, Rows: database.Read(into),
		What: "payment " + value,
	}
}

func save(t *negotiation.Tx, p *Payment) error {
	return t.Update(p,
		"State", "Received", "SessionID", "SessionURL", "Request", "IntentID", "ChargeID", "ExpiresAt", "Means", "PaidOn", "SucceededAt",
		"ReversibleUntil", "Failure", "Excess", "Problem", "Fee", "VAT", "FeeWithheld",
		"AnnouncedAt", "Announcement", "Funded", "GoodUntil",
		"AuthorityID", "Attempts", "NextTryAt", "ClosedAt",
		"Refunded", "TakenBack", "FeeBack", "VATBack", "Pulled",
	)
}
