package sandbox

import (
	"net/url"
	"slices"
)

// webhookEndpoint is a place that wants to hear of events.
type webhookEndpoint struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	APIVersion    *string           `json:"api_version"`
	Application   *string           `json:"application"`
	Created       int64             `json:"created"`
	Description   *string           `json:"description"`
	EnabledEvents []string          `json:"enabled_events"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	Status        string            `json:"status"`
	URL           string            `json:"url"`

	secret  string
	former  string // the secret before the last rotation
	connect bool
	deleted bool
}

// createdEndpoint is the one answer that shows the secret.
type createdEndpoint struct {
	*webhookEndpoint
	Secret string `json:"secret"`
}

func (e *webhookEndpoint) identity() (string, int64) { return e.ID, e.Created }

func (e *webhookEndpoint) wants(kind string) bool {
	return !e.deleted && e.Status == "enabled" &&
		slices.ContainsFunc(e.EnabledEvents, func(want string) bool { return matchesType(want, kind) })
}

func (s *Sandbox) newEndpoint(t *tenant, address string) *webhookEndpoint {
	e := &webhookEndpoint{ID: s.mint.id("we_"), Object: "webhook_endpoint", Created: s.now().Unix(),
		EnabledEvents: []string{"*"}, Metadata: map[string]string{}, Status: "enabled", URL: address, secret: s.mint.secret()}
	t.endpoints.add(e)
	return e
}

// register adds an endpoint of the options. It is pinned to APIVersion, as the
// product's own must be.
func (s *Sandbox) register(given Endpoint) *webhookEndpoint {
	e := s.newEndpoint(s.platform, given.URL)
	e.APIVersion = optional(APIVersion)
	e.connect = given.Connect
	if given.Secret != "" {
		e.secret = given.Secret
	}
	if len(given.Events) > 0 {
		e.EnabledEvents = slices.Clone(given.Events)
	}
	return e
}

// AddEndpoint registers an endpoint and returns its identifier and the secret
// that signs for it.
func (s *Sandbox) AddEndpoint(given Endpoint) (id, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.register(given)
	return e.ID, e.secret
}

// RotateSecret gives an endpoint a new secret. Until the next rotation its
// deliveries carry two signatures, one by each.
func (s *Sandbox) RotateSecret(id string) (secret string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tenants {
		if e, ok := t.endpoints.get(id); ok && !e.deleted {
			e.former, e.secret = e.secret, s.mint.secret()
			return e.secret, true
		}
	}
	return "", false
}

// Secrets returns the signing secret of each endpoint, by identifier.
func (s *Sandbox) Secrets() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	secrets := map[string]string{}
	for _, t := range s.tenants {
		for _, e := range t.endpoints.rows {
			if !e.deleted {
				secrets[e.ID] = e.secret
			}
		}
	}
	return secrets
}

func checkEndpointURL(address string) *refusal {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return invalid("url", "url_invalid", "Invalid URL: An explicit scheme (such as https) must be provided.")
	}
	return nil
}

func (c *call) createEndpoint() (any, error) {
	if r := checkEndpointURL(c.form.text("url")); r != nil {
		return nil, r
	}
	events := c.form.texts("enabled_events")
	if len(events) == 0 {
		return nil, missing("enabled_events")
	}
	version := c.form.text("api_version")
	if version != "" && version != APIVersion {
		return nil, unmodelled("api_version=" + version)
	}
	e := c.newEndpoint(c.tenant, c.form.text("url"))
	e.APIVersion = optional(version)
	e.EnabledEvents = events
	e.Description = c.form.optional("description")
	e.connect = c.form.truth("connect")
	e.Metadata = merge(nil, c.form.at("metadata"))
	return createdEndpoint{e, e.secret}, nil
}

func (c *call) endpoint() (*webhookEndpoint, error) {
	e, found := c.tenant.endpoints.get(c.args[0])
	if !found || e.deleted {
		return nil, noSuchHere("webhook endpoint", "webhook_endpoint", c.args[0])
	}
	return e, nil
}

func (c *call) getEndpoint() (any, error) { return c.endpoint() }

func (c *call) updateEndpoint() (any, error) {
	e, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	if c.form.has("url") {
		if r := checkEndpointURL(c.form.text("url")); r != nil {
			return nil, r
		}
		e.URL = c.form.text("url")
	}
	if events := c.form.texts("enabled_events"); len(events) > 0 {
		e.EnabledEvents = events
	}
	if c.form.has("description") {
		e.Description = c.form.optional("description")
	}
	if c.form.has("disabled") {
		e.Status = "enabled"
		if c.form.truth("disabled") {
			e.Status = "disabled"
		}
	}
	e.Metadata = merge(e.Metadata, c.form.at("metadata"))
	return e, nil
}

func (c *call) listEndpoints() (any, error) {
	return listAll(c, &c.tenant.endpoints, func(e *webhookEndpoint) bool { return !e.deleted })
}

func (c *call) deleteEndpoint() (any, error) {
	e, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	e.deleted = true
	return deleted{ID: e.ID, Object: e.Object, Deleted: true}, nil
}

// deleted is what is left of an object that was removed.
type deleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}
