package conformance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
)

// Recorder stands between a client and Stripe (ours or theirs), keeps every
// exchange, and has the judges look at each. It is an http.RoundTripper for
// clients in this process and, by Handler, a server for those outside.
type Recorder struct {
	Document *Document
	Next     http.RoundTripper

	// EveryRequestLegal is for a client under judgement, our adapter: each of
	// its requests must be one that Stripe knows. Without it a request that
	// Stripe does not know is held against the answer, and only if it is a
	// success: the other side should have refused it too.
	EveryRequestLegal bool

	// OnlyAnswers is for clients newer than the document, whose requests may
	// carry parameters that did not exist yet.
	OnlyAnswers bool

	mu         sync.Mutex
	exchanges  []Exchange
	complaints []Complaint
}

// Exchange is one request and its answer.
type Exchange struct {
	Method, Path  string
	Template      string // "/v1/charges/{charge}", empty for a path Stripe does not have
	Params        url.Values
	RequestHeader http.Header
	RequestBody   []byte
	Status        int
	Header        http.Header
	Body          []byte
}

// RoundTrip passes the request on, judging it and what comes back.
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := drain(request)
	if err != nil {
		return nil, err
	}
	next := replay(request, body)
	response, err := r.Next.RoundTrip(next)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	r.judge(request, body, response.StatusCode, response.Header, answer)
	return response, nil
}

// Handler puts the recorder in front of a handler.
func (r *Recorder) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := drain(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, replay(request, body))
		if strings.HasPrefix(request.URL.Path, "/v1/") {
			r.judge(request, body, answer.Code, answer.Header(), answer.Body.Bytes())
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // a client that hangs up is no finding
	})
}

func (r *Recorder) judge(request *http.Request, body []byte, status int, header http.Header, answer []byte) {
	params := request.URL.Query()
	if strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(body)); err == nil {
			for key, values := range form {
				params[key] = append(params[key], values...)
			}
		}
	}
	e := Exchange{
		Method: request.Method, Path: request.URL.Path, Params: params,
		RequestHeader: request.Header.Clone(), RequestBody: body,
		Status: status, Header: header.Clone(), Body: answer,
	}
	route, known := r.Document.route(e.Method, e.Path)
	if known {
		e.Template = route.template
	}
	var complaints []Complaint
	if known || status < 400 { // Stripe's undocumented paths are not judged
		if !privatePath(e.Path) {
			complaints = r.Document.Answer(e.Method, e.Path, params, status, header, answer)
			complaints = append(complaints, r.Document.listed(e)...)
		}
	}
	if !r.OnlyAnswers && (r.EveryRequestLegal || status < 400) && !privatePath(e.Path) {
		for _, c := range r.Document.Request(replay(request, body), body) {
			if !r.EveryRequestLegal {
				c.Problem = "was answered with success, but: " + c.Problem
			}
			complaints = append(complaints, c)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, e)
	r.complaints = append(r.complaints, complaints...)
}

// complain adds what a caller found out by itself.
func (r *Recorder) complain(c Complaint) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.complaints = append(r.complaints, c)
}

// privatePath tells the paths that Stripe's own pages and command line use and
// that its document does not describe.
func privatePath(path string) bool {
	return strings.HasPrefix(path, "/v1/payment_pages/")
}

// listed judges the events inside an answer as events.
func (d *Document) listed(e Exchange) []Complaint {
	if e.Status != http.StatusOK || !strings.HasPrefix(e.Path, "/v1/events") {
		return nil
	}
	value, err := decode(e.Body)
	if err != nil {
		return nil // said by O2
	}
	object, _ := value.(map[string]any)
	if object["object"] == "event" {
		return d.event(value)
	}
	var complaints []Complaint
	rows, _ := object["data"].([]any)
	for _, row := range rows {
		complaints = append(complaints, d.event(row)...)
	}
	return complaints
}

// Complaints returns what the judges have said so far, each thing once.
func (r *Recorder) Complaints() []Complaint {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	var once []Complaint
	for _, c := range r.complaints {
		if key := shape(c); !seen[key] {
			seen[key] = true
			once = append(once, c)
		}
	}
	return once
}

// Exchanges returns everything recorded so far.
func (r *Recorder) Exchanges() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Exchange(nil), r.exchanges...)
}

// shape is a complaint without the ids in it and without the way there: what
// is wrong with an object is wrong wherever it is expanded.
func shape(c Complaint) string {
	about := strings.Split(c.About, "/")
	for i, part := range about {
		if strings.Contains(part, "_") && strings.ContainsAny(part, "0123456789") {
			about[i] = "{id}"
		}
	}
	path := strings.Split(c.Path, ".")
	for i, part := range path {
		if strings.Trim(part, "0123456789") == "" {
			path[i] = "#"
		}
	}
	return fmt.Sprint(c.Judge, strings.Join(about, "/"), strings.Join(path[max(0, len(path)-2):], "."), c.Problem)
}

func drain(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}
