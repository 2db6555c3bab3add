// SPDX-License-Identifier: MIT

extension Words {
    static let arabic = Words(
        language: .arabic,
        title: "الربط بإنستغرام",
        state: { state in
            switch state {
            case .notConnected: "غير مربوط"
            case .connected: "مربوط"
            case .expiring: "إذن الوصول ينتهي قريبًا"
            case .reconnectRequired: "يلزم الربط من جديد"
            }
        },
        connectTitle: "اربط حسابك على إنستغرام",
        connectReason: "عندها يمكن قراءة الرسائل المباشرة التي يرسلها زبائن متجرك والرد عليها من هنا.",
        asksFor: "سيطلب منك إنستغرام السماح بما يلي:",
        signsInThere: "تسجّل الدخول إلى إنستغرام نفسه، فلا تظهر كلمة مرورك هنا أبدًا. ويمكنك إلغاء الربط في أي وقت.",
        connectedElsewhere: "ربطت الحساب من قبل على جهاز آخر؟ اربطه من جديد: يسجّل ذلك دخولك هنا ولا يضيع شيء.",
        connect: "ربط إنستغرام",
        tryAgain: "حاول من جديد",
        toSettings: "إلى صفحة الربط بإنستغرام",
        linkIsFor: { "سيُربط الحساب بالمستخدم \($0)." },
        linkOnlyIfYours: "لا تتابع إلا إذا كنت أنت هذا المستخدم وطلبت ذلك بنفسك الآن.",
        linkLeadsTo: { "بعد ذلك تعود إلى \($0)." },
        linkIsOver:
            "استُخدم هذا الرابط من قبل أو مضى عليه وقت طويل: يعمل مرة واحدة ولمدة عشر دقائق. ارجع إلى حيث حصلت عليه واطلب رابطًا جديدًا.",
        connectedNow: "تم ربط إنستغرام.",
        connectedAs: { "مربوط باسم \($0)" },
        accountWithoutName: "حساب إنستغرام",
        accountType: "نوع الحساب",
        accountTypes: { type in
            switch type.uppercased() {
            case "BUSINESS": "حساب أعمال"
            case "MEDIA_CREATOR", "CREATOR": "صانع محتوى"
            case "PERSONAL": "حساب شخصي"
            default: nil
            }
        },
        permissions: "الأذونات الممنوحة",
        connectedSince: "مربوط منذ",
        access: "إذن الوصول",
        renewsItself: { next in next.map { "يتجدّد تلقائيًا، والمرة القادمة: \($0)" } ?? "يتجدّد تلقائيًا" },
        messages: "الرسائل",
        messagesArrive: "الرسائل الجديدة تصل إلى هنا",
        messagesBeingSetUp: "قيد الإعداد، ويستغرق ذلك دقيقة",
        switchAccount: "تبديل الحساب",
        switchingKeeps: "بعد التبديل يبقى هذا الحساب مربوطًا أيضًا. لإنهاء ذلك، ألغِ ربطه أولًا.",
        reconnect: "ربط إنستغرام من جديد",
        expiring: { end, hasFailed in
            let when: HTML = end.map { "ينتهي إذن الوصول بتاريخ \($0)" } ?? "ينتهي إذن الوصول قريبًا"
            let why: HTML = hasFailed ? "، لأن تجديده لم ينجح حتى الآن. تتكرر المحاولة تلقائيًا." : "."
            return "\(when)\(why) للاطمئنان، اربط الحساب من جديد الآن."
        },
        messagesMissing: "قد لا تصل الرسائل الجديدة إلى هنا.",
        messagesFailure: { error in
            switch error {
            case "permission_missing":
                "يقول إنستغرام إن إدارة الرسائل غير مسموح بها. اربط الحساب من جديد واترك كل الأذونات مفعّلة."
            case "misconfigured", "unreadable": "هناك ما يجب إصلاحه في هذا الخادم. يرجى إبلاغ المسؤول عن هذا الموقع."
            case "limited", "unavailable": "لم يردّ إنستغرام كما ينبغي. تتكرر المحاولة تلقائيًا."
            default: reason(error)
            }
        },
        reason: reason,
        oneOfThese: "وهو أحد هذه الأذونات:",
        permission: { permission in
            switch permission {
            case .profile: "رؤية اسم الحساب ونوعه"
            case .messages: "قراءة الرسائل المباشرة والرد عليها"
            case .comments: "قراءة التعليقات والرد عليها"
            case .publishing: "نشر المنشورات"
            case .insights: "رؤية الإحصاءات"
            case .media: "رؤية المنشورات"
            }
        },
        need: { permission in
            switch permission {
            case .profile: "من دون هذا الإذن لا يمكن معرفة الحساب الذي تم ربطه."
            case .messages: "من دون هذا الإذن لا يمكن قراءة رسائل زبائنك والرد عليها."
            case .comments, .publishing, .insights, .media: "من دون هذا الإذن يتوقف جزء مما تستخدمه هنا."
            }
        },
        disconnect: "إلغاء الربط",
        disconnectConsequence: "بعد ذلك لن يُردّ من هنا على الرسائل الواردة إلى هذا الحساب، ويُمحى إذن الوصول من هنا.",
        disconnectThis: "إلغاء ربط هذا الحساب",
        disconnected: "أُلغي الربط",
        accessErased: "لم يعد لأحد هنا وصول إلى الحساب، ويجري محو إذن الوصول.",
        stillSubscribed: "لم يؤكد إنستغرام أنه توقف عن إرسال رسائل هذا الحساب إلى هنا.",
        removeInInstagram:
            "لسحب الإذن من داخل إنستغرام أيضًا، افتح «الإعدادات»، ثم «أذونات مواقع الويب»، ثم «التطبيقات ومواقع الويب»، وأزل هذا التطبيق.",
        signIn: "تسجيل الدخول",
        signOut: "تسجيل الخروج",
        signedOut: "سُجّل خروجك في هذا المتصفح. والحساب المربوط يبقى مربوطًا.",
        deletionDone: "حُذفت بياناتك",
        deletionGoesOn: "يجري حذف بياناتك",
        deletionOfNothing: "لم يُحذف شيء",
        received: "وصل الطلب",
        done: "اكتمل",
        notYet: "لم يكتمل بعد. يرجى التحقق بعد دقيقة",
        erased: "ما مُحي",
        erasedNothing: "لم يكن محفوظًا شيء عن هذا الحساب",
        keptForNewConnection: "لا شيء: رُبط الحساب من جديد بعد هذا الطلب. لحذفه، أزل التطبيق من داخل إنستغرام مرة أخرى",
        erasedKind: { kind in
            switch kind {
            case .token: "إذن الوصول إلى الحساب"
            case .account: "معرّفات الحساب واسمه ونوعه"
            case .history: "ارتباط السجلات بالحساب"
            }
        },
        backups: "تزول النسخ الاحتياطية في موعدها.",
        error: { code in
            switch code {
            case .invalidRequest: "هذا الطلب غير صالح."
            case .invalidState:
                "محاولة الربط هذه غير معروفة أو مضى عليها وقت طويل أو بدأت في متصفح أو تطبيق آخر. يرجى البدء من جديد هنا."
            case .missingCode: "لم يرسل إنستغرام رمزًا. يرجى البدء من جديد."
            case .loginRequired, .unauthorized: "يرجى تسجيل الدخول أولًا."
            case .reconnectRequired: "يجب ربط هذا الحساب من جديد."
            case .tokenRefused: "لا يمكن استيراد رمز الوصول هذا."
            case .gone: "لم يعد هذا موجودًا."
            case .accessDenied: "لم يُربط إنستغرام، لأنه لم يُسمح بالوصول."
            case .forbidden: "جاء هذا الطلب من موقع آخر."
            case .accountInUse: "هذا الحساب على إنستغرام مرتبط هنا بمستخدم آخر. يجب إلغاء ربطه هناك أولًا."
            case .accountMismatch:
                "هذا حساب إنستغرام آخر غير الحساب المربوط. لم يتغيّر شيء؛ لربطه بدلًا منه اضغط «تبديل الحساب»."
            case .accountNotEligible:
                "لا يمكن ربط هذا الحساب. يجب أن يكون حساب أعمال أو صانع محتوى، وأن يكون صاحبه مختبِرًا قَبِل الدعوة ما دام التطبيق قيد التطوير."
            case .permissionMissing: "لم يُمنح إذن لازم. يرجى الربط من جديد وترك كل الأذونات مفعّلة."
            case .profileNotGranted: "لم يُمنح إذن رؤية ملف الحساب. يرجى الربط من جديد وتركه مفعّلًا."
            case .messagesNotGranted: "لم يُمنح إذن إدارة الرسائل. يرجى الربط من جديد وتركه مفعّلًا."
            case .tokenExchangeFailed: "رفض إنستغرام محاولة الربط هذه. يرجى البدء من جديد."
            case .userInfoFailed: "لم يحدّد إنستغرام الحساب المقصود. يرجى البدء من جديد."
            case .interrupted: "انقطعت عملية الربط. يرجى البدء من جديد."
            case .providerUnavailable, .providerTimeout:
                "لا يمكن الوصول إلى إنستغرام الآن. يرجى المحاولة بعد بضع دقائق."
            case .storageUnavailable: "تعذّر الحفظ أو القراءة الآن. يرجى المحاولة بعد بضع دقائق."
            case .busy: "كثيرون يربطون حساباتهم الآن. يرجى المحاولة بعد لحظات."
            case .notFound: "لا يوجد شيء هنا."
            case .methodNotAllowed: "هذه الطريقة غير مسموح بها هنا."
            case .payloadTooLarge: "في الطلب محتوى لا يُقبل هنا أو أنه كبير جدًا."
            case .tooManyRequests: "طلبات كثيرة جدًا. يرجى الانتظار لحظة."
            case .internalError: "حدث خطأ من جانبنا. يرجى المحاولة من جديد."
            }
        },
        months: [
            "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر",
            "ديسمبر",
        ])

    @Sendable private static func reason(_ reason: String?) -> String {
        switch reason {
        case "expired": "انتهت مدة إذن الوصول، لأن تجديده لم يكن ممكنًا في الوقت المناسب."
        case "password_changed":
            "تغيّرت كلمة مرور حساب إنستغرام، أو أنهى إنستغرام جلساته حفاظًا على الأمان. وبذلك ينتهي إذن الوصول هنا أيضًا."
        case "removed_in_instagram": "أُزيل هذا التطبيق من داخل إنستغرام."
        case "checkpoint":
            "يريد إنستغرام من صاحب الحساب تأكيد أمر ما. افتح إنستغرام ونفّذ المطلوب، ثم اربط الحساب من جديد."
        case "permission_missing": "سُحب أحد الأذونات من داخل إنستغرام."
        case "not_eligible":
            "لم يعد الحساب حساب أعمال أو صانع محتوى، أو لا يحق له استخدام هذا التطبيق. غيّر ذلك في إنستغرام، ثم اربطه من جديد."
        case "key_missing":
            "مفتاح إذن الوصول مفقود على هذا الخادم. يستطيع المسؤول عن الموقع إعادته، ويمكنك أيضًا الربط من جديد."
        default: "سحب إنستغرام إذن الوصول."
        }
    }
}
