//go:build bench

package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// answers is what a closed loop got.
type answers struct {
	rate
	ok, other int
	sample    string // of an answer that was not 200
}

// load keeps c connections busy for one turn, each with the next request as
// soon as the last one is answered. next returns nil when there is no more.
func (b *bench) load(address string, c int, next func() []byte) answers {
	b.Helper()
	var (
		mu    sync.Mutex
		total answers
		took  []time.Duration
		wg    sync.WaitGroup
	)
	began := time.Now()
	end := began.Add(b.turn)
	for range c {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mine, times := loop(address, end, next)
			mu.Lock()
			defer mu.Unlock()
			total.ok, total.other, took = total.ok+mine.ok, total.other+mine.other, append(took, times...)
			if mine.sample != "" {
				total.sample = mine.sample
			}
		}()
	}
	wg.Wait()
	total.rate = rate{float64(total.ok) / time.Since(began).Seconds(), p99(took)}
	return total
}

// loop speaks HTTP by hand: the client shares the machine with what it
// measures and must cost little.
func loop(address string, end time.Time, next func() []byte) (got answers, took []time.Duration) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return answers{other: 1, sample: err.Error()}, nil
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for time.Now().Before(end) {
		request := next()
		if request == nil {
			return got, took
		}
		began := time.Now()
		_ = connection.SetDeadline(began.Add(20 * time.Second))
		if _, err := connection.Write(request); err != nil {
			got.other, got.sample = got.other+1, err.Error()
			return got, took
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			got.other, got.sample = got.other+1, err.Error()
			return got, took
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			got.other, got.sample = got.other+1, fmt.Sprintf("%d %.200s %v", response.StatusCode, body, err)
			continue
		}
		got.ok++
		took = append(took, time.Since(began))
	}
	return got, took
}

// signed makes a signed notification of a payment that came in.
func signed(host, secret string, p benchPayment, event string, at time.Time) []byte {
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"id":"evt_%s","object":"event","api_version":"2023-10-16","created":%d,"type":"payment_intent.succeeded","livemode":false,"data":{"object":{"id":"pi_%s","object":"payment_intent","amount":%d,"amount_received":%d,"currency":"eur","status":"succeeded","latest_charge":"ch_%s","metadata":{"payment_id":"%s","case_id":"%s"}}}}`,
		event, at.Unix(), p.payment, paidMinor, paidMinor, p.payment, p.payment, p.file)
	sum := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(sum, "%d.", at.Unix())
	sum.Write(body.Bytes())
	var request bytes.Buffer
	fmt.Fprintf(&request, "POST /webhooks/stripe HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nStripe-Signature: t=%d,v1=%s\r\nContent-Length: %d\r\n\r\n",
		host, at.Unix(), hex.EncodeToString(sum.Sum(nil)), body.Len())
	request.Write(body.Bytes())
	return request.Bytes()
}
