//go:build chaos

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"

	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// cardsOfVisitors are what they pay with: cards, an account, and one that is
// declined.
var cardsOfVisitors = []sandbox.Card{
	{Number: "4242424242424242"}, {Number: "5555555555554444"}, {Number: "4000000000000002"},
	{IBAN: "FR1420041010050500013M02606", Name: "Claire Vasseur", Email: "d@example.test"},
}

// invite gives a link to everybody whose case is open and who has none.
func (c *chaos) invite() {
	c.t.Helper()
	for _, p := range c.folk {
		if _, has := c.links[p.caseID]; has { // only this goroutine writes
			continue
		}
		var token string
		c.eventually("a link", func() (err error) {
			token, err = c.house.access.CreateLink(c.ctx, p.caseID, p.debtor.ID)
			return err
		})
		c.mu.Lock()
		c.links[p.caseID] = c.house.settings.BaseURL + "/l/" + token
		c.mu.Unlock()
	}
}

// visiting lets one visitor after the other pay on the pages, as well as they
// can. Whoever finds the site down goes away; another comes.
func (c *chaos) visiting(ctx context.Context, luck *rand.Rand) {
	for c.pause(ctx, 400) {
		link := c.someLink(luck)
		if link == "" {
			continue
		}
		choice := url.Values{"recognise": {"yes"}, "charges": {"yes"}}
		switch luck.IntN(8) {
		case 0:
			choice.Set("choice", "whole")
		case 1:
			choice.Set("choice", string(payments.RestOfPlan))
		case 2, 3, 4:
			choice.Set("choice", "part")
			choice.Set("part", fmt.Sprintf("%d,%02d", 10+luck.IntN(60), luck.IntN(100)))
		default:
			choice.Set("choice", string(payments.NextInstalment))
		}
		v := payer{base: c.house.settings.BaseURL, link: link, postcode: "31000", box: c.box}
		err := v.pay(choice, cardsOfVisitors[luck.IntN(len(cardsOfVisitors))])
		if err == nil {
			c.visited("paid " + choice.Get("choice"))
		} else {
			c.visited(unnamed(err.Error()))
		}
	}
}

func (c *chaos) someLink(luck *rand.Rand) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, link := range c.links {
		all = append(all, link)
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return all[luck.IntN(len(all))]
}

func (c *chaos) visited(how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.visits[how]++
}

var (
	cause    = regexp.MustCompile(` (error|err|request|attempt|client_id|sleep_duration|timeout)=("([^"\\]|\\.)*"|\S+)`)
	variable = regexp.MustCompile(`time=\S+|[0-9a-f]{8}-[0-9a-f-]{27}|(cs|pi|ch|re|dp|po|tr|acct|req|seti|evt|pm|fee|py)_\w+|/l/[\w-]+|\d+`)
)

// unnamed is a line without what is another each time.
func unnamed(text string) string { return variable.ReplaceAllString(text, "…") }
