package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"amiable/payments/stripe/sandbox"
)

const createAndConfirm = "amount=2000&currency=eur&payment_method=pm_card_visa&payment_method_types%5B0%5D=card&confirm=true&metadata%5Binstalment%5D=i1"

// BenchmarkCreateAndConfirm is one call that creates and confirms a payment
// intent, webhooks off, over the loopback. It must not be the bottleneck of a
// load test: at least 0.3 times BenchmarkBare.
func BenchmarkCreateAndConfirm(b *testing.B) {
	benchmark(b, sandbox.New(sandbox.Options{Seed: 1}))
}

// BenchmarkBare answers the same bytes and does nothing else.
func BenchmarkBare(b *testing.B) {
	box := sandbox.New(sandbox.Options{Seed: 1})
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/v1/payment_intents", strings.NewReader(createAndConfirm))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer sk_test_bench")
	box.ServeHTTP(recorder, request)
	answer := recorder.Body.Bytes()
	benchmark(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
}

func benchmark(b *testing.B, handler http.Handler) {
	server := httptest.NewServer(handler)
	defer server.Close()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			request, err := http.NewRequest(http.MethodPost, server.URL+"/v1/payment_intents", strings.NewReader(createAndConfirm))
			if err != nil {
				b.Error(err)
				return
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("Authorization", "Bearer sk_test_bench")
			response, err := server.Client().Do(request)
			if err != nil {
				b.Error(err)
				return
			}
			_, err = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != http.StatusOK {
				b.Errorf("%d %v", response.StatusCode, err)
				return
			}
		}
	})
}
