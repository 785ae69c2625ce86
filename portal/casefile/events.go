package casefile

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"amiable/negotiation"
)

// instant is how the time of an event is written, and hashed.
const instant = "2006-01-02T15:04:05.000000Z"

// Event is one event as a line of a file: all that its link is made of. A
// content that was erased is null, and so is its salt: the digest stays, so
// that the chain can be worked out. Of an event that is withheld from the
// reader of a copy only its place and its link stand.
type Event struct {
	Seq        int64   `json:"seq"`
	ID         string  `json:"id,omitempty"`
	Stream     string  `json:"stream,omitempty"`
	StreamID   string  `json:"stream_id,omitempty"`
	Kind       string  `json:"kind,omitempty"`
	At         string  `json:"at,omitempty"`
	Role       string  `json:"role,omitempty"`
	By         string  `json:"by,omitempty"`
	OnBehalfOf string  `json:"on_behalf_of,omitempty"`
	Salt       *string `json:"salt"`
	Content    *string `json:"content"`
	Digest     string  `json:"digest,omitempty"`
	Hash       string  `json:"hash"`
	Withheld   bool    `json:"withheld,omitempty"`
}

// Events writes a chain, one event a line; withheld says of which only the link
// may be seen.
func Events(events []negotiation.Event, withheld func(*negotiation.Event) bool) (lines []byte, chain Chain, err error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for i := range events {
		e := &events[i]
		line := Event{Seq: e.Seq, Hash: hex.EncodeToString(e.Hash)}
		if withheld(e) {
			line.Withheld = true
			chain.Withheld++
		} else {
			line.ID, line.Stream, line.StreamID, line.Kind, line.At = e.ID, string(e.Stream), e.StreamID, string(e.Kind), e.At.UTC().Format(instant)
			line.Role, line.By, line.OnBehalfOf, line.Digest = string(e.ActorRole), e.ActorID, e.OnBehalfOf, hex.EncodeToString(e.Digest)
			if e.Content != nil {
				salt := hex.EncodeToString(e.Salt)
				line.Salt, line.Content = &salt, e.Content
			}
		}
		if err := encoder.Encode(line); err != nil {
			return nil, chain, fmt.Errorf("event %d: %w", e.Seq, err)
		}
		chain.Events, chain.Head = e.Seq, line.Hash
	}
	return out.Bytes(), chain, nil
}

// event is the line as the domain knows it; ok is false where it cannot be.
func (l *Event) event() (*negotiation.Event, bool) {
	at, err := time.Parse(instant, l.At)
	digest, bad := hex.DecodeString(l.Digest)
	link, worse := hex.DecodeString(l.Hash)
	if errors.Join(err, bad, worse) != nil {
		return nil, false
	}
	e := &negotiation.Event{
		ID: l.ID, Stream: negotiation.Stream(l.Stream), StreamID: l.StreamID, Seq: l.Seq, Kind: negotiation.EventKind(l.Kind), At: at,
		ActorRole: negotiation.Role(l.Role), ActorID: l.By, OnBehalfOf: l.OnBehalfOf, Digest: digest, Hash: link, Content: l.Content,
	}
	if l.Salt != nil {
		if e.Salt, err = hex.DecodeString(*l.Salt); err != nil {
			return nil, false
		}
	}
	return e, true
}

// eventLineMax is how long the line of an event may be, in bytes.
const eventLineMax = 1 << 20

// followed is a chain as it was worked out.
type followed struct {
	links    []string // each link, hex
	withheld int64
	breaks   []string
}

// follow works a chain out, line by line.
func follow(lines io.Reader) (f followed, err error) {
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, eventLineMax)
	var previous []byte
	for scanner.Scan() {
		var line Event
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			f.breaks = append(f.breaks, fmt.Sprintf("line %d is no event", len(f.links)+1))
			return f, nil
		}
		if line.Seq != int64(len(f.links)+1) {
			f.breaks = append(f.breaks, fmt.Sprintf("event %d stands where event %d should", line.Seq, len(f.links)+1))
		}
		link, bad := hex.DecodeString(line.Hash)
		switch e, ok := line.event(); {
		case line.Withheld && bad == nil:
			f.withheld++
		case line.Withheld || !ok:
			f.breaks = append(f.breaks, fmt.Sprintf("event %d cannot be read", line.Seq))
		case !e.Holds():
			f.breaks = append(f.breaks, fmt.Sprintf("event %d: its content is not what was recorded", line.Seq))
		case !e.Follows(previous):
			f.breaks = append(f.breaks, fmt.Sprintf("event %d does not follow from the one before", line.Seq))
		}
		f.links, previous = append(f.links, line.Hash), link
	}
	return f, scanner.Err()
}
