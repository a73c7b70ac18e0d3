import Testing

@testable import ClusterSimulator

/// The simulated stores' order paths: what a real store refuses, they refuse too.
@Suite struct SimulatedStorefrontTests {
    private func body(_ response: APIResponse?) -> JSONValue {
        guard case .json(let value)? = response?.body else { return .null }
        return value
    }

    private func woo(_ action: String, _ json: JSONValue, token: String?, in ledger: inout OrderLedger) -> (status: Int, body: JSONValue) {
        let request = StorefrontRequest(
            method: "POST",
            path: WooCommerceStorefront.api + "/" + action,
            headers: token.map { ["cart-token": $0] } ?? [:],
            body: json.serialized()
        )
        let response = WooCommerceStorefront.answer(request, in: &ledger)
        return (response?.status ?? 0, body(response))
    }

    @Test("WooCommerce's checkout wants a cart with items, shipping, an address and an offered payment") func checkout() throws {
        var ledger = OrderLedger()
        let opened = WooCommerceStorefront.answer(StorefrontRequest(path: WooCommerceStorefront.api + "/cart"), in: &ledger)
        let token = try #require(opened?.headers["Cart-Token"])
        let order: JSONValue = ["billing_address": ["email": "a@example.com"], "payment_method": "cod"]
        #expect(woo("cart/add-item", ["id": 1], token: nil, in: &ledger).status == 401)
        #expect(woo("checkout", order, token: token, in: &ledger).body["code"].string == "woocommerce_rest_cart_empty")
        #expect(woo("cart/add-item", ["id": 2], token: token, in: &ledger).status == 400)
        #expect(woo("cart/add-item", ["id": 1], token: token, in: &ledger).status == 201)
        #expect(woo("checkout", order, token: token, in: &ledger).body["code"].string == "woocommerce_rest_invalid_shipping_option")
        let address = woo("cart/update-customer", ["shipping_address": ["city": "Graz"]], token: token, in: &ledger).body
        let rate = address["shipping_rates"][0]["shipping_rates"][0]["rate_id"]
        #expect(woo("cart/select-shipping-rate", ["rate_id": rate], token: token, in: &ledger).status == 200)
        #expect(woo("checkout", ["payment_method": "cod"], token: token, in: &ledger).status == 400)
        var card = order
        card["payment_method"] = "card"
        #expect(woo("checkout", card, token: token, in: &ledger).status == 400)
        let placed = woo("checkout", order, token: token, in: &ledger)
        #expect(placed.body["order_id"].int == 1001)
        #expect(woo("checkout", order, token: token, in: &ledger).status == 401)

        let path = WooCommerceStorefront.api + "/order/1001"
        let key = try #require(placed.body["order_key"].string)
        #expect(WooCommerceStorefront.answer(StorefrontRequest(path: path, query: ["key": key]), in: &ledger)?.status == 200)
        #expect(WooCommerceStorefront.answer(StorefrontRequest(path: path, query: ["key": "guessed"]), in: &ledger)?.status == 404)
    }

    @Test("WooCommerce's routes are asked by rest_route too, and the checkout drafts an order of a cart with items") func draft() throws {
        var ledger = OrderLedger()
        func ask(_ method: String, _ route: String, _ body: JSONValue? = nil, token: String? = nil) throws -> APIResponse {
            let request = StorefrontRequest(
                method: method,
                path: "/",
                query: ["rest_route": "/wc/store/v1/" + route],
                headers: token.map { ["cart-token": $0] } ?? [:],
                body: body?.serialized() ?? []
            )
            return try #require(WooCommerceStorefront.answer(request, in: &ledger))
        }
        #expect(try body(ask("GET", "products"))[0]["id"] == 1)
        let token = try #require(try ask("GET", "cart").headers["Cart-Token"])
        #expect(try ask("GET", "checkout", token: token).status == 400)
        #expect(try ask("POST", "cart/add-item", ["id": 1, "quantity": 1], token: token).status == 201)
        #expect(try body(ask("GET", "checkout", token: token))["status"] == "checkout-draft")
        // A draft is no order.
        #expect(ledger.nextNumber == 1001)
    }

    @Test("Medusa wants its key, and says what a cart lacks") func complete() throws {
        var ledger = OrderLedger()
        func ask(_ path: String, _ json: JSONValue = [:], key: String? = "pk_simulated", in ledger: inout OrderLedger) -> JSONValue {
            let headers = key.map { ["x-publishable-api-key": $0] } ?? [:]
            let request = StorefrontRequest(method: "POST", path: "/store/" + path, headers: headers, body: json.serialized())
            return body(MedusaStorefront.answer(request, name: "Acme", in: &ledger))
        }
        #expect(ask("carts", key: nil, in: &ledger)["type"].string == "not_allowed")
        let cart = try #require(ask("carts", in: &ledger)["cart"]["id"].string)
        func lacks(in ledger: inout OrderLedger) -> String? { ask("carts/\(cart)/complete", in: &ledger)["error"]["message"].string }
        #expect(lacks(in: &ledger) == "The cart lacks items")
        _ = ask("carts/\(cart)/line-items", ["variant_id": "variant_simulated"], in: &ledger)
        #expect(lacks(in: &ledger) == "The cart lacks a shipping address")
        ledger[cart]?.address = ["city": "Graz"]
        #expect(lacks(in: &ledger) == "The cart lacks a shipping method")
        _ = ask("carts/\(cart)/shipping-methods", ["option_id": "so_simulated"], in: &ledger)
        #expect(lacks(in: &ledger) == "The cart lacks a payment session")
        let payment = try #require(ask("payment-collections", ["cart_id": .string(cart)], in: &ledger)["payment_collection"]["id"].string)
        _ = ask("payment-collections/\(payment)/payment-sessions", ["provider_id": "pp_system_default"], in: &ledger)
        #expect(ask("carts/\(cart)/complete", in: &ledger)["order"]["display_id"].int == 1001)
        #expect(ask("carts/\(cart)/complete", in: &ledger)["type"].string == "not_found")
    }

    @Test("carts are bounded; the oldest go first") func bounded() {
        var ledger = OrderLedger()
        let first = ledger.open("cart")
        for _ in 0..<100 { _ = ledger.open("cart") }
        #expect(ledger[first] == nil)
        #expect(ledger["cart_simulated_101"] != nil)
    }

    @Test("a store's carts go with its namespace") func namespaceGone() throws {
        let cluster = ClusterState()
        let namespace = try cluster.create(.namespaces, ["metadata": ["name": "store"]], in: "", by: .controller)
        cluster.ledgers[namespace.uid] = OrderLedger()
        cluster.erase(.namespace("store"))
        #expect(cluster.ledgers.isEmpty)
    }
}
