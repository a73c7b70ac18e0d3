/// Medusa's Store API as far as a guest's order goes: one product, one way of shipping, the manual payment provider.
enum MedusaStorefront {
    private static let key = "pk_simulated"
    private static let region: JSONValue = [
        "id": "reg_simulated", "name": "Simulated", "currency_code": "usd", "countries": [["iso_2": "us"]],
    ]
    private static let product: JSONValue = [
        "id": "prod_simulated", "title": "Simulated product", "handle": "simulated-product", "status": "published",
        "variants": [["id": "variant_simulated", "calculated_price": ["calculated_amount": 19]]],
    ]

    /// `nil` for a path that is none of the Store API's; `name` is the store's.
    static func answer(_ request: StorefrontRequest, name: String, in ledger: inout OrderLedger) -> APIResponse? {
        if request.method == "GET", request.path == "/storefront/config" {
            return .json(["name": .string(name), "publishableKey": .string(key), "regionId": region["id"], "currency": "usd"])
        }
        guard let route = request.route(below: "/store") else { return nil }
        guard request.headers["x-publishable-api-key"] == key else {
            return refusal(400, "not_allowed", "Publishable API key required in the request header: x-publishable-api-key.")
        }
        switch route {
        case ["GET", "products"]: return .json(["products": [product], "count": 1, "offset": 0, "limit": 50])
        case ["GET", "regions"]: return .json(["regions": [region], "count": 1, "offset": 0, "limit": 50])
        case ["GET", "regions", "reg_simulated"]: return .json(["region": region])
        case ["GET", "shipping-options"]:
            guard ledger[request.query["cart_id"] ?? ""] != nil else { return notFound("Cart") }
            return .json(["shipping_options": [["id": "so_simulated", "name": "Standard", "amount": 0]]])
        case ["POST", "carts"]:
            let id = ledger.open("cart")
            ledger[id] = OrderLedger.Cart(items: request.body["items"].array.count, address: request.body["shipping_address"])
            return .json(["cart": ["id": .string(id)]])
        case ["POST", "payment-collections"]:
            guard let id = request.body["cart_id"].string, ledger[id] != nil else { return notFound("Cart") }
            return .json(["payment_collection": ["id": .string("pay_" + id)]])
        case let parts where parts.count == 4 && parts[0] == "POST": return change(parts[1], parts[2], parts[3], request.body, in: &ledger)
        default: return notFound("Route")
        }
    }

    private static func change(
        _ collection: String,
        _ id: String,
        _ action: String,
        _ body: JSONValue,
        in ledger: inout OrderLedger
    ) -> APIResponse {
        let cart = id.hasPrefix("pay_") ? String(id.dropFirst(4)) : id
        guard ledger[cart] != nil else { return notFound("Cart") }
        switch (collection, action) {
        case ("carts", "line-items"):
            guard body["variant_id"].string == "variant_simulated" else { return notFound("Variant") }
            ledger[cart]?.items += body["quantity"].int ?? 1
        case ("carts", "shipping-methods"):
            guard body["option_id"].string == "so_simulated" else { return notFound("Shipping option") }
            ledger[cart]?.shipping = "so_simulated"
        case ("payment-collections", "payment-sessions"):
            guard body["provider_id"].string == "pp_system_default" else { return notFound("Payment provider") }
            ledger[cart]?.payment = "pp_system_default"
        case ("carts", "complete"): return complete(cart, in: &ledger)
        default: return notFound("Route")
        }
        return .json(["cart": ["id": .string(cart)]])
    }

    /// Medusa answers a cart with an error, not a status, when it is not complete.
    private static func complete(_ id: String, in ledger: inout OrderLedger) -> APIResponse {
        let cart = ledger[id] ?? OrderLedger.Cart()
        let missing =
            if cart.items == 0 {
                "items"
            } else if cart.address.isNull {
                "a shipping address"
            } else if cart.shipping == nil {
                "a shipping method"
            } else if cart.payment == nil { "a payment session" } else { "" }
        guard missing.isEmpty else {
            let error: JSONValue = ["type": "invalid_data", "message": .string("The cart lacks \(missing)")]
            return .json(["type": "cart", "cart": ["id": .string(id)], "error": error])
        }
        let number = ledger.place(["cart": .string(id)])
        ledger[id] = nil
        return .json(["type": "order", "order": ["id": .string("order_simulated_\(number)"), "display_id": JSONValue(number)]])
    }

    private static func notFound(_ what: String) -> APIResponse { refusal(404, "not_found", "\(what) was not found") }

    private static func refusal(_ status: Int, _ type: String, _ message: String) -> APIResponse {
        .json(["type": .string(type), "message": .string(message)], status: status)
    }
}
