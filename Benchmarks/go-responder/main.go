// SPDX-License-Identifier: MIT

// The start route with Go's own FastCGI responder, net/http/fcgi: the work of c-responder/responder.c, no log.
//
//	go-responder SOCKET AUTHORIZE_URL_UP_TO_THE_STATE
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"strconv"
	"time"
)

const nonce, tagText = 32, 22

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go-responder SOCKET AUTHORIZE_URL_UP_TO_THE_STATE")
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(fcgi.Serve(listener, &start{key, os.Args[2]}))
}

type start struct {
	key       []byte
	authorize string
}

// A state in the URL and, signed with its time of issue, in a cookie.
func (s *start) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	value := make([]byte, nonce+8, nonce+8+sha256.Size)
	if _, err := rand.Read(value[:nonce]); err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	binary.LittleEndian.PutUint64(value[nonce:], uint64(time.Now().Unix()))
	mac := hmac.New(sha256.New, s.key)
	mac.Write(value)
	value = mac.Sum(value)

	state := base64.RawURLEncoding.EncodeToString(value[:nonce])
	cookie := base64.RawURLEncoding.EncodeToString(value)
	body := `{"auth_url": "` + s.authorize + state + `", "status": "success"}`
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Set-Cookie", "__Host-ig_flow_"+state[:tagText]+"="+cookie+
		"; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.Write([]byte(body))
}
