// Receiver is told by heyq when a video has ended. It believes only what heyq has signed,
// and writes a line for each notification once.
//
//	export HEYQ_NOTIFY_SECRET="whsec_$(openssl rand -base64 32)"
//	HEYQ_NOTIFY_ALLOW_PRIVATE=true heyq up         # in another terminal, with that secret
//	go run ./examples/receiver
//	heyq videos create --script "Hello Ada!" --avatar-id avatar_1 --voice-id voice_1 \
//	  --notify-url http://127.0.0.1:9000
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"heyq/client"
)

func main() {
	if err := run(context.Background(), os.Getenv("HEYQ_NOTIFY_SECRET"), os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, secret string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("receiver", flag.ExitOnError)
	address := flags.String("addr", "127.0.0.1:9000", "address to listen on")
	_ = flags.Parse(args) // ends the program if it fails
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening at http://%s\n", listener.Addr())
	r := &receiver{secret: secret, out: out, seen: map[string]bool{}}
	server := &http.Server{Handler: http.HandlerFunc(r.receive), ReadTimeout: 15 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	return server.Serve(listener)
}

type receiver struct {
	secret string

	mu   sync.Mutex
	out  io.Writer
	seen map[string]bool // a real one keeps the ids in its database
}

func (r *receiver) receive(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 256<<10))
	if err != nil {
		http.Error(w, "too much", http.StatusRequestEntityTooLarge)
		return
	}
	ended, err := client.VerifyNotification(req.Header, body, r.secret)
	if err != nil {
		http.Error(w, "not from heyq", http.StatusUnauthorized)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if id := req.Header.Get("webhook-id"); !r.seen[id] { // it may come again
		r.seen[id] = true
		fmt.Fprintln(r.out, ended.Type, ended.Data.Title)
	}
	w.WriteHeader(http.StatusNoContent)
}
