import Cluster
import Crypto
import Foundation
import StoreDomain

/// Whether an order can begin.
extension Storefront {
    /// Puts a product into a cart and goes as far as a guest goes before paying; no order is placed and no stock is taken. What is left,
    /// a draft of WooCommerce's or an abandoned cart of Medusa's, the store clears away itself as it does any visitor's.
    ///
    /// `salt`: the store's own, with which a new store of an image that offers it is asked for more: to place a test order and take it
    /// back, in one transaction of its database.
    ///
    /// `isOwners`: the store was ready before, so its products and rules are its owner's: nothing to sell and a refusal are as it should
    /// be, an error of the server is not. No test order is placed there: who knows what an owner's plugin does with it.
    package func orderProblem(isOwners: Bool, salt: String? = nil) async throws -> String? {
        let problem = try await problem { () async throws(Unserved) in
            do throws(Unserved) {
                switch engine {
                case .woocommerce:
                    try await beginWooCommerceOrder()
                    if let salt, !isOwners { try await placeTestOrder(salt) }
                case .medusa: try await beginMedusaOrder()
                }
            } catch {
                guard isOwners, error.mayBeWanted else { throw error }
            }
        }
        return problem.map { "it takes no orders: \($0)" }
    }

    private func beginWooCommerceOrder() async throws(Unserved) {
        let products = try await wooCommerceProducts("per_page=20&stock_status=instock&type=simple")
        let product = products.first { $0["is_purchasable"].bool != false && $0["has_options"].bool != true }
        guard let id = product?["id"].int else { throw .noGoods }
        let opened = try await ask("the cart", Self.wooCommerce("cart"))
        guard let token = opened.headers["cart-token"] else { throw Unserved("the cart has no Cart-Token") }
        let headers = ["Cart-Token": token]
        let item: JSON = ["id": .integer(Int64(id)), "quantity": .integer(1)]
        let cart = try await ask("adding to the cart", Self.wooCommerce("cart/add-item"), headers: headers, body: item)
        guard (cart.json["items_count"].int ?? 0) > 0 else { throw Unserved("the cart stays empty") }
        let draft = try await ask("the checkout", Self.wooCommerce("checkout"), headers: headers)
        guard draft.json["order_id"].int != nil else { throw Unserved("the checkout begins no order") }
    }

    /// An image that knows no such order answers 404; one without WooCommerce 501, and was found out by its catalogue.
    private func placeTestOrder(_ salt: String) async throws(Unserved) {
        let headers = ["X-Store-Check": Self.checkWord(salt)]
        let answer: (status: Int, headers: [String: String], body: String)
        do throws(ClusterError) {
            answer = try await kubernetes.visit(service + "/-/order", headers: headers, limit: Self.largestAnswer)
        } catch { throw Unserved("a test order is not answered: \(error.message)") }
        guard ![200, 404].contains(answer.status) else { return }
        throw Unserved("a test order", status: answer.status, said: answer.body)
    }

    /// By which the store knows that the platform asks.
    static func checkWord(_ salt: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("store-check".utf8), using: SymmetricKey(data: Data(salt.utf8)))
        return code.hex
    }

    private func beginMedusaOrder() async throws(Unserved) {
        let (key, config) = try await medusaConfig()
        guard let region = config["regionId"].string else { throw Unserved("its configuration names no region") }
        let query = "/store/products?region_id=\(region)&limit=20&fields=*variants.calculated_price"
        let products = try await ask("its catalogue", query, headers: key).list("products", of: "its catalogue")
        guard let variant = products.lazy.compactMap({ $0["variants"].items.first?["id"].string }).first else { throw .noGoods }
        let items: JSON = [["variant_id": .string(variant), "quantity": .integer(1)]]
        let opened = try await ask("the cart", "/store/carts", headers: key, body: ["region_id": .string(region), "items": items])
        guard let cart = opened.json["cart"]["id"].string else { throw Unserved("the cart has no id") }
        let options = try await ask("shipping", "/store/shipping-options?cart_id=\(cart)", headers: key).list(
            "shipping_options",
            of: "shipping"
        )
        guard !options.isEmpty else { throw Unserved("nothing can be shipped: there is no shipping option") }
    }
}

extension Unserved {
    static let noGoods = Unserved("it has no product that can be bought", mayBeWanted: true)
}
