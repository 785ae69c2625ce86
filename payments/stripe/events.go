package stripe

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments"
)

// ListNotifications reads a page of what happened since a moment, the newest
// first: those of its events that concern us, as they were delivered.
func (g *Gateway) ListNotifications(ctx context.Context, since time.Time, after string) ([]payments.Told, string, error) {
	params := &stripe.EventListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	params.Limit = stripe.Int64(100)
	params.Single = true
	params.Context = ctx
	if after != "" {
		params.StartingAfter = stripe.String(after)
	}
	rows := g.api.Events.List(params)
	for rows.Next() { // reads the one page that was asked for
	}
	if err := rows.Err(); err != nil {
		return nil, "", translate(err)
	}
	var page struct {
		Data    []json.RawMessage `json:"data"`
		HasMore bool              `json:"has_more"`
	}
	if err := json.Unmarshal(rows.EventList().LastResponse.RawJSON, &page); err != nil {
		return nil, "", fmt.Errorf("list of events: %w", err)
	}
	var told []payments.Told
	next := ""
	for _, body := range page.Data {
		var event stripe.Event
		if err := json.Unmarshal(body, &event); err != nil {
			return nil, "", fmt.Errorf("event of a list: %w", err)
		}
		next = event.ID
		n, err := notification(event)
		if err != nil {
			return nil, "", err
		}
		if n.Concerns() {
			told = append(told, payments.Told{ID: event.ID, Body: body})
		}
	}
	if !page.HasMore {
		next = ""
	}
	return told, next, nil
}
