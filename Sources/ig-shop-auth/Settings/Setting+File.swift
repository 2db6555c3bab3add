// SPDX-License-Identifier: MIT

extension Setting {
    /// systemd/ig-shop-auth.env, which `init` writes where the package has not: every setting, none of them set.
    static var shippedFile: String {
        let lines = allCases.map { setting in
            if setting.credential != nil {
                """
                # \(setting.name), a secret, is no line here but the file \(setting.place).
                # \(setting.explanation)
                """
            } else {
                """
                # \(setting.explanation)
                #\(setting.name)=\(setting.standard ?? "")
                """
            }
        }
        return """
            # Settings of ig-shop-auth; each stands here with the value that counts if it is not set. Take the # away to set one.
            # Then: systemctl restart ig-shop-auth, and ig-shop-auth check
            # Everybody may read this file. A secret is a file of its own, for root alone: ig-shop-auth init says how.

            \(lines.joined(separator: "\n\n"))

            """
    }
}
