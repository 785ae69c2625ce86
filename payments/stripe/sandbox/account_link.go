package sandbox

import (
	"errors"
	"time"
)

// accountLink leads an account's owner to onboarding, once and for minutes.
type accountLink struct {
	Object    string `json:"object"`
	Created   int64  `json:"created"`
	ExpiresAt int64  `json:"expires_at"`
	URL       string `json:"url"`

	token                 string
	returnURL, refreshURL string
	used                  bool
}

// linkLife is how long an account link may be followed.
const linkLife = 5 * time.Minute

func (c *call) createAccountLink() (any, error) {
	f := c.form
	t, known := c.tenants[f.text("account")]
	if !known || t == c.platform || t.self.deleted {
		return nil, noSuch("account", "account", f.text("account"))
	}
	if f.text("type") == "account_update" && t.self.Type != "custom" {
		return nil, refuse("type", "", "You cannot create `account_update` type Account Links for this account. Valid types are `account_onboarding`.")
	}
	for _, name := range []string{"return_url", "refresh_url"} {
		if !f.has(name) {
			return nil, missing(name)
		}
	}
	x := &accountLink{Object: "account_link", Created: c.now().Unix(), ExpiresAt: c.now().Add(linkLife).Unix(), token: c.mint.text("", 12),
		returnURL: f.text("return_url"), refreshURL: f.text("refresh_url")}
	x.URL = c.options.PublicURL + "/onboarding/" + t.id + "?link=" + x.token
	c.links[t.id] = x
	return x, nil
}

// Why an account link cannot be followed; the page sends its visitor to the
// refresh URL then.
var (
	ErrLinkUnknown = errors.New("no such account link")
	ErrLinkSpent   = errors.New("the account link was used or has expired")
)

// FollowLink spends an account link, given the link parameter of its URL.
func (s *Sandbox) FollowLink(account, token string) error {
	return s.act(func() error {
		link := s.links[account]
		if link == nil || link.token != token {
			return ErrLinkUnknown
		}
		if link.used || !s.moment.Before(time.Unix(link.ExpiresAt, 0)) {
			return ErrLinkSpent
		}
		link.used = true
		return nil
	})
}

// loginLink leads the owner of an express account to their dashboard.
type loginLink struct {
	Object  string `json:"object"`
	Created int64  `json:"created"`
	URL     string `json:"url"`
}

func (c *call) createLoginLink() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	if t.self.Type != "express" {
		return nil, refuse("", "", "Cannot create a login link for an account that is not an Express account.")
	}
	if !t.self.DetailsSubmitted {
		return nil, refuse("", "", "Cannot create a login link for an account that has not completed onboarding.")
	}
	return &loginLink{Object: "login_link", Created: c.now().Unix(), URL: c.options.PublicURL + "/express/" + t.id + "?link=" + c.mint.text("", 12)}, nil
}
